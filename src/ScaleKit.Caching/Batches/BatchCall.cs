namespace ScaleKit.Caching;

/// <summary>
/// One factory call, and one reading of the shared level, for the keys of a batch. Each key has a fill of its own, so that other callers share it; those that come to need the factory wait here until
/// every other key of the batch has come too or needs none, and the last one calls. Who waits for another node steps aside first: otherwise two nodes with two
/// keys each could wait for each other.
/// </summary>
#pragma warning disable CA1001 // The source has no timer and no linked token, so there is nothing to dispose.
internal sealed class BatchCall<TState, T>(
    TState state, Func<TState, IReadOnlyList<string>, CancellationToken, ValueTask<IReadOnlyDictionary<string, T>>> factory, TwoLevelCacheOptions defaults, BatchRead reading)
    : ValueFactory<T>
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _undecided = new(StringComparer.Ordinal);
    private readonly List<string> _missing = [];
    private readonly TaskCompletionSource<IReadOnlyDictionary<string, T>> _made = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _abandoned = new();
    private int _waiting;
    private bool _isCalled;

    /// <summary>Adds a key, before any fill of the batch runs.</summary>
    public void Expect(string key)
    {
        _undecided.Add(key);
        reading.Expect(key);
    }

    public override ValueTask<SharedReading> ReadAsync(SharedLevel shared, string key, PooledBuffer target, CancellationToken cancellationToken) =>
        reading.ReadAsync(key, target, cancellationToken);

    public override void StepAside(string key)
    {
        reading.Skip(key);
        Decide(key, isMissing: false);
    }

    public override async ValueTask<(T Value, EntryPlan? Plan)> RunAsync(
        string key, EntryPlan plan, LocalEntry? stale, CancellationToken cancellationToken)
    {
        reading.Skip(key);
        if (!Decide(key, isMissing: true))
            return Pick(key, plan, await CallAsync([key], cancellationToken).ConfigureAwait(false));

        // Each fill is abandoned on its own; the call when all are.
        await using var leaving = cancellationToken.Register(Leave).ConfigureAwait(false);
        return Pick(key, plan, await _made.Task.ConfigureAwait(false));
    }

    public override async ValueTask<T> RunAloneAsync(string key, CancellationToken cancellationToken) =>
        Pick(key, default, await CallAsync([key], cancellationToken).ConfigureAwait(false)).Value;

    /// <summary>Calls the factory for all keys at once, for a cache that takes no part.</summary>
    public ValueTask<IReadOnlyDictionary<string, T>> CallAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        factory(state, keys, cancellationToken);

    /// <summary>A key that is not in the answer is not found.</summary>
    private (T Value, EntryPlan? Plan) Pick(string key, EntryPlan plan, IReadOnlyDictionary<string, T> made) =>
        (made ?? throw new InvalidOperationException("The factory of a batch returned null.")).TryGetValue(key, out var value)
            ? (value, plan)
            : (default!, plan.ForNothing(defaults));

    /// <returns>Whether the key takes part in the call; if not, it came too late for it.</returns>
    private bool Decide(string key, bool isMissing)
    {
        string[] keys;
        bool isWanted;
        lock (_gate)
        {
            if (!_undecided.Remove(key))
                return false;
            if (isMissing)
            {
                _missing.Add(key);
                _waiting++;
            }

            if (_undecided.Count > 0 || _missing.Count == 0 || _isCalled)
                return true;
            _isCalled = true;
            keys = [.. _missing];
            isWanted = _waiting > 0;
        }

        _ = MakeAsync(keys, isWanted);
        return true;
    }

    private async Task MakeAsync(string[] keys, bool isWanted)
    {
        if (!isWanted)
            await _abandoned.CancelAsync().ConfigureAwait(false);
        try
        {
            _made.SetResult(await CallAsync(keys, _abandoned.Token).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            _made.SetException(exception);
            _ = _made.Task.Exception;
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_waiting > 0 || !_isCalled)
                return;
        }

        _ = _abandoned.CancelAsync();
    }
}
