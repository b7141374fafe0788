namespace ScaleKit.Migration;

// What operations, backfill and heartbeat need of the ladder.
public sealed partial class MigrationLadder
{
    internal PhasePin Pin()
    {
        while (true)
        {
            var stage = Volatile.Read(ref _stage);
            var stripe = stage.Enter();

            // Ordering: enter first, then look again. A mover publishes first, then looks for who is inside; so one of both sees the other.
            if (ReferenceEquals(stage, Volatile.Read(ref _stage)))
            {
                return new PhasePin(stage, stripe);
            }

            stage.Leave(stripe);
        }
    }

    /// <summary>Waits for the stage after one that takes no writes; the caller holds no pin.</summary>
    internal async ValueTask WaitForNextAsync(Stage stage, CancellationToken cancellationToken)
    {
        if (!stage.IsLoaded)
        {
            await LoadAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        if (!_turn.TryEnter())
        {
            await stage.Retired.WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        // Nobody moves in this instance, so another one raises the fence.
        try
        {
            if (ReferenceEquals(stage, Current))
            {
                await _mover.FollowAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Leave();
        }

        if (ReferenceEquals(stage, Current))
        {
            await Task.Delay(FencePoll, Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The lease ran out while a read was on its way: what it has read may be too old to be told. The caller holds no pin.</summary>
    internal async ValueTask OnLeaseLostAsync(Stage stage, CancellationToken cancellationToken)
    {
        await _turn.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (ReferenceEquals(stage, Current) && !stage.MayAnswer)
            {
                Log.LeaseEnded(Logger, stage.Phase, stage.Epoch);
                _mover.Unload();
            }
        }
        finally
        {
            _turn.Leave();
        }
    }

    /// <summary>One look at the journal, and the renewal of the lease. A move that runs here goes on; it looks for itself.</summary>
    internal async ValueTask BeatAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_turn.TryEnter())
            {
                try
                {
                    await _mover.FollowAsync(cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    _turn.Leave();
                }
            }
        }
        finally
        {
            await _fleet.RenewAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A store refused a write of this stage's epoch: adopts the state of the journal if it is newer. The caller holds no pin.</summary>
    internal async ValueTask OnFencedAsync(Stage stage, CancellationToken cancellationToken)
    {
        await _turn.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!ReferenceEquals(stage, Current))
            {
                return;
            }

            _mover.Unload();
            await _mover.LoadAsync(cancellationToken).ConfigureAwait(false);
            if (Current.AcceptsWrites && Current.Epoch <= stage.Epoch)
            {
                throw new StoreFencedException(
                    $"The store '{_mover.Gate.SequencerOf(stage.Phase).Name}' refuses writes of epoch {stage.Epoch}, and the journal knows of no newer one.");
            }
        }
        finally
        {
            _turn.Leave();
        }
    }

    /// <summary>Completes when no operation of an earlier phase runs any more in any instance that holds a lease. False when that takes longer than the move timeout.</summary>
    internal async Task<bool> SettleAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken).ConfigureAwait(false);
        await _turn.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await _mover.SettleAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Leave();
        }
    }

    /// <summary>Records what the backfill or the verification found, unless the period that it belongs to has ended.</summary>
    internal async ValueTask<bool> RecordAsync(long tenure, Func<MigrationState, MigrationState> change, CancellationToken cancellationToken)
    {
        await _turn.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await _mover.RecordAsync(tenure, change, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Leave();
        }
    }

    /// <summary>Waits while the kill switch is off.</summary>
    internal async ValueTask WhileDisabledAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var switched = Volatile.Read(ref _switched);
            if (_enabled)
            {
                return;
            }

            await switched.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
