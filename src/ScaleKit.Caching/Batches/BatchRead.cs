namespace ScaleKit.Caching;

/// <summary>
/// One reading of the shared level for the keys of a batch. Each key's fill asks for itself and waits here until every other one has asked too or needs none; the
/// last one reads. A fill must not wait for anything of another fill of the batch without having skipped before: otherwise the two could wait for each other.
/// </summary>
#pragma warning disable CA1001 // The source has no timer and no linked token, so there is nothing to dispose.
internal sealed class BatchRead(SharedLevel? shared)
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _undecided = new(StringComparer.Ordinal);
    private readonly List<string> _keys = [];
    private readonly List<PooledBuffer> _targets = [];
    private readonly TaskCompletionSource<IReadOnlyList<SharedReading>> _readings = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _abandoned = new();
    private int _waiting;

    /// <summary>Adds a key, before any fill of the batch runs.</summary>
    public void Expect(string key) => _undecided.Add(key);

    /// <summary>Says that a key needs no reading, or none any more.</summary>
    public void Skip(string key)
    {
        lock (_gate)
        {
            if (!_undecided.Remove(key) || !IsComplete_NeedsLock())
                return;
        }

        _ = ReadAsync();
    }

    /// <summary>Waits for the reading and takes the bytes of one key; a key that comes too late is read alone.</summary>
    public async ValueTask<SharedReading> ReadAsync(string key, PooledBuffer target, CancellationToken cancellationToken)
    {
        int at;
        bool isLast;
        lock (_gate)
        {
            at = _undecided.Remove(key) ? _keys.Count : -1;
            if (at >= 0)
            {
                _keys.Add(key);
                _targets.Add(new PooledBuffer());
                _waiting++;
            }

            isLast = at >= 0 && IsComplete_NeedsLock();
        }

        if (at < 0)
            return await shared!.ReadAsync(key, target, cancellationToken).ConfigureAwait(false);
        if (isLast)
            _ = ReadAsync();
        await using var leaving = cancellationToken.Register(Leave).ConfigureAwait(false);
        var readings = await _readings.Task.WaitAsync(cancellationToken).ConfigureAwait(false);

        // Copied: the reading may still write to its own memory when this fill has been given up.
        using var own = _targets[at];
        own.Span.CopyTo(target.GetSpan(own.Written));
        target.Advance(own.Written);
        return readings[at];
    }

    private bool IsComplete_NeedsLock() => _undecided.Count == 0 && _keys.Count > 0;

    private async Task ReadAsync()
    {
        try
        {
            _readings.SetResult(await shared!.ReadManyAsync(_keys, _targets, _abandoned.Token).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            _readings.SetException(exception);
            _ = _readings.Task.Exception;
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_waiting > 0 || _undecided.Count > 0)
                return;
        }

        _ = _abandoned.CancelAsync();
    }
}
