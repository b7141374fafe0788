using System.Threading.Channels;

namespace ScaleKit.Migration;

/// <summary>
/// Compares a share of the reads with the other store, in the background: callers neither wait for it nor hear of it. The results are evidence for the gate and stand in metrics. Thread-safe.
/// </summary>
/// <remarks>
/// A row that differs is read again from both stores, as often and with such pauses as the verification does: a write on its way is no mismatch. Reads that come faster than they are compared are left out.
/// </remarks>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class ShadowReads<TKey, TValue> : IAsyncDisposable
    where TKey : notnull
{
    private const int Waiting = 1024;
    private const int Kept = 100;
    private const string Salt = "shadow";
    private readonly MigrationLadder _ladder;
    private readonly IVersionedStore<TKey, TValue> _old;
    private readonly IVersionedStore<TKey, TValue> _new;
    private readonly RowComparison<TValue> _comparison;
    private readonly Channel<TKey> _keys = Channel.CreateBounded<TKey>(new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<Difference<TKey>> _mismatches = [];
    private readonly Lock _gate = new();
    private Task? _loop;

    internal ShadowReads(IVersionedStore<TKey, TValue> old, IVersionedStore<TKey, TValue> @new, MigrationLadder ladder, Func<TValue, TValue, bool>? sameValue) =>
        (_old, _new, _ladder, _comparison) = (old, @new, ladder, new RowComparison<TValue>(sameValue));

    /// <summary>The last mismatches, at most 100. Keys come from users: do not log them raw.</summary>
    public IReadOnlyList<Difference<TKey>> Mismatches
    {
        get
        {
            lock (_gate)
            {
                return [.. _mismatches];
            }
        }
    }

    /// <summary>Stops the comparisons.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await (_loop ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    internal void Offer(TKey key)
    {
        if (_ladder.Options.ShadowReadPercent > 0 && KeyShare.Includes(_old.Keys.ToText(key), Salt, _ladder.Options.ShadowReadPercent) && _keys.Writer.TryWrite(key))
        {
            Start();
        }
    }

    /// <summary>Compares one row; null when the stores agree.</summary>
    internal async ValueTask CompareAsync(TKey key, CancellationToken cancellationToken)
    {
        var pin = _ladder.Pin();
        try
        {
            var stage = pin.Stage;
            if (!stage.IsLoaded || !stage.Phase.HasMirror())
            {
                return;
            }

            var (sequencer, mirror) = stage.Phase.NewSequences() ? (_new, _old) : (_old, _new);
            for (var look = 0; ; look++)
            {
                var ours = await Timely(sequencer.ReadAsync(key, cancellationToken), cancellationToken).ConfigureAwait(false);
                var theirs = await Timely(mirror.ReadAsync(key, cancellationToken), cancellationToken).ConfigureAwait(false);
                var kind = _comparison.Compare(ours, theirs);
                if (kind is null || look == _ladder.Options.VerificationRechecks)
                {
                    Tell(stage, key, kind, ours.Version, theirs.Version);
                    return;
                }

                await Task.Delay(_ladder.Options.VerificationRecheckDelay, _ladder.Time, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            pin.Release();
        }
    }

    private Task<VersionedValue<TValue>> Timely(ValueTask<VersionedValue<TValue>> read, CancellationToken cancellationToken) =>
        read.AsTask().WaitAsync(_ladder.Options.ShadowReadTimeout, _ladder.Time, cancellationToken);

    private void Tell(Stage stage, TKey key, DifferenceKind? kind, RowVersion ours, RowVersion theirs)
    {
        _ladder.Evidence.CountShadow(stage.Tenure, kind is null);
        _ladder.Instruments.CountShadowRead(kind is null ? "same" : "different");
        if (kind is { } difference)
        {
            lock (_gate)
            {
                _mismatches.Enqueue(new Difference<TKey>(key, difference, ours, theirs));
                if (_mismatches.Count > Kept)
                {
                    _mismatches.Dequeue();
                }
            }
        }
    }

    private void Start()
    {
        if (Volatile.Read(ref _loop) is null)
        {
            lock (_gate)
            {
                _loop ??= Task.Run(() => RunAsync(_stop.Token), _stop.Token);
            }
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var key in _keys.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                await _ladder.WhileDisabledAsync(cancellationToken).ConfigureAwait(false);
                await CompareAsync(key, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The mirror was slow or down: that read shows nothing, either way.
                _ladder.Instruments.CountShadowRead("failed");
            }
        }
    }
}
