using System.Diagnostics;
using System.Threading.Channels;

namespace ScaleKit.Migration;

/// <summary>
/// Pays the debts of the outbox: brings each row that stands there to the mirror, by its version, in the order of the outbox, and then removes the entry. In phase B this is the only
/// way to the mirror, so a slow or dead mirror never slows a caller. Thread-safe; steps follow one another.
/// </summary>
/// <remarks>
/// An entry holds no value: the row is read again when the debt is paid, so an old entry brings the newest row and never an older one.
/// </remarks>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class OutboxRepair<TKey, TValue> : IAsyncDisposable
    where TKey : notnull
{
    private const int PaidMaximum = 8192;
    private readonly IVersionedStore<TKey, TValue> _old;
    private readonly IVersionedStore<TKey, TValue> _new;
    private readonly MigrationLadder _ladder;
    private readonly DebtPayer<TKey, TValue> _payer;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _paidGate = new();
    private readonly List<OutboxEntry<TKey>> _paidOld = [];
    private readonly List<OutboxEntry<TKey>> _paidNew = [];
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private long _observed;

    /// <summary>A repair between the stores of a ladder. A repository makes its own.</summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public OutboxRepair(IVersionedStore<TKey, TValue> old, IVersionedStore<TKey, TValue> @new, MigrationLadder ladder)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(@new);
        ArgumentNullException.ThrowIfNull(ladder);
        _old = old;
        _new = @new;
        _ladder = ladder;
        _payer = new DebtPayer<TKey, TValue>(ladder);
    }

    /// <summary>
    /// The debts that this instance has given up after <see cref="MigrationOptions.RepairAttempts"/> attempts. They stand in the outbox, and the ladder goes no further, until they are paid.
    /// </summary>
    public IReadOnlyList<DeadLetter<TKey>> DeadLetters => _payer.Refused.Dead;

    /// <summary>Tries the dead letters again, once what the mirror did not like about them is mended.</summary>
    /// <returns>How many there were.</returns>
    public int RetryDeadLetters()
    {
        var dead = _payer.Refused.Forget();
        Signal();
        return dead;
    }

    /// <summary>One step: pays at most a batch of the oldest debts of the current phase.</summary>
    /// <returns>How many entries left the outbox; 0 when there is no debt or the phase has no mirror.</returns>
    public async ValueTask<int> StepAsync(CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var pin = _ladder.Pin();
            try
            {
                var stage = pin.Stage;
                if (!stage.IsLoaded || !stage.Phase.HasMirror())
                {
                    return 0;
                }

                var sequencer = stage.Phase.NewSequences() ? _new : _old;
                var mirror = stage.Phase.NewSequences() ? _old : _new;
                await AcknowledgePaidAsync(sequencer, cancellationToken).ConfigureAwait(false);
                return await _payer.PayAsync(sequencer, mirror, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                pin.Release();
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Pays every debt that stands in the outbox now, whatever is added meanwhile.</summary>
    /// <returns>How many entries left the outbox.</returns>
    /// <exception cref="MirrorUnavailableException">The mirror does not take rows.</exception>
    public async Task<long> DrainAsync(CancellationToken cancellationToken = default)
    {
        await _ladder.LoadAsync(cancellationToken).ConfigureAwait(false);
        var sequencer = _ladder.Phase.NewSequences() ? _new : _old;
        var mark = await sequencer.GetOutboxStatusAsync(cancellationToken).ConfigureAwait(false);
        var paid = 0L;
        while (true)
        {
            await _ladder.WhileDisabledAsync(cancellationToken).ConfigureAwait(false);
            paid += await StepAsync(cancellationToken).ConfigureAwait(false);
            var status = await sequencer.GetOutboxStatusAsync(cancellationToken).ConfigureAwait(false);
            _ladder.Instruments.SetPending(status.Pending);
            var isPaid = status.HasDrainedSince(mark);
            _ladder.Evidence.SeeDebt(_ladder.State.Tenure, status, behind: !isPaid);
            if (!_ladder.Phase.HasMirror() || isPaid)
            {
                return paid;
            }

            if (DeadLetters is { Count: > 0 } dead)
            {
                throw new MirrorUnavailableException($"The mirror refuses {dead.Count} rows; see {nameof(DeadLetters)}.");
            }
        }
    }

    /// <summary>Stops the background loop, if it runs.</summary>
    public async ValueTask DisposeAsync()
    {
        _ladder.Nudged -= OnNudged;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _turn.Dispose();
    }

    internal void Start()
    {
        _ladder.Nudged += OnNudged;
        _loop = Task.Run(() => RunAsync(_stop.Token), _stop.Token);
    }

    internal void Signal() => _signal.Writer.TryWrite(true);

    // The writer has brought its row to the mirror itself; the entry is removed later, together with others. Forgetting some is harmless: they are paid once more.
    internal void Paid(IVersionedStore<TKey, TValue> sequencer, OutboxEntry<TKey> entry)
    {
        lock (_paidGate)
        {
            var paid = ReferenceEquals(sequencer, _old) ? _paidOld : _paidNew;
            if (paid.Count < PaidMaximum)
            {
                paid.Add(entry);
            }
        }
    }

    private void OnNudged(object? sender, EventArgs arguments) => Signal();

    private async ValueTask AcknowledgePaidAsync(IVersionedStore<TKey, TValue> sequencer, CancellationToken cancellationToken)
    {
        OutboxEntry<TKey>[] entries;
        lock (_paidGate)
        {
            var paid = ReferenceEquals(sequencer, _old) ? _paidOld : _paidNew;
            entries = [.. paid];
            paid.Clear();
        }

        if (entries.Length > 0)
        {
            await sequencer.AcknowledgeOutboxAsync(entries, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        // The loop outlives whatever made the repository: its batches are no part of that.
        Activity.Current = null;
        var pause = TimeSpan.Zero;
        while (!cancellationToken.IsCancellationRequested)
        {
            var paid = 0;
            try
            {
                await _ladder.WhileDisabledAsync(cancellationToken).ConfigureAwait(false);
                paid = await StepAsync(cancellationToken).ConfigureAwait(false);
                pause = TimeSpan.Zero;
                await ObserveAsync(behind: false, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The payer has logged it. The debt stays in the outbox, the next attempt comes later.
                await ((Task)ObserveAsync(behind: true, cancellationToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause == TimeSpan.Zero ? _ladder.Options.RepairInterval : Min(pause * 2, _ladder.Options.RepairBackoffMaximum);
                await Task.Delay(pause, _ladder.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            if (paid == 0 || _ladder.Phase.AwaitsMirror())
            {
                await WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // Now and then: how much is owed, and since when.
    private async Task ObserveAsync(bool behind, CancellationToken cancellationToken)
    {
        var phase = _ladder.Phase;
        if (!phase.HasMirror() || (_observed != 0 && _ladder.Time.GetElapsedTime(_observed) < _ladder.Options.RepairInterval))
        {
            return;
        }

        _observed = _ladder.Time.GetTimestamp();
        var status = await (phase.NewSequences() ? _new : _old).GetOutboxStatusAsync(cancellationToken).ConfigureAwait(false);
        _ladder.Instruments.SetPending(status.Pending);
        _ladder.Evidence.SeeDebt(_ladder.State.Tenure, status, behind || DeadLetters.Count > 0);
    }

    // Without a mirror there is nothing to look for until the phase changes; with one, other processes may leave debts as well.
    private async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        using var timer = _ladder.Phase.HasMirror()
            ? new CancellationTokenSource(_ladder.Options.RepairInterval, _ladder.Time)
            : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        await ((Task)_signal.Reader.WaitToReadAsync(either.Token).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _signal.Reader.TryRead(out _);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
