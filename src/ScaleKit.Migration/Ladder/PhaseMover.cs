namespace ScaleKit.Migration;

/// <summary>
/// Carries out the moves of a ladder, one at a time: its callers hold the ladder's turn. The order of the steps is the protocol; each step is one call of a store or of the journal, so a crash
/// between any two is a state that <see cref="LoadAsync"/> understands.
/// </summary>
internal sealed class PhaseMover(MigrationLadder ladder, StateDocument document, Fleet fleet)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);
    private readonly RetiredStages _retired = new();

    public PhaseGate Gate { get; } = new(ladder.Old, ladder.New, ladder.Options);

    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        // Ordering: the lease first. A move that this read does not show yet then waits for this instance.
        await fleet.JoinAsync(cancellationToken).ConfigureAwait(false);
        MigrationState? state;
        do
        {
            state = await document.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (state is null)
            {
                state = await document.TryWriteAsync(new MigrationState(), 0, cancellationToken).ConfigureAwait(false);
            }
            else if (state.FencingEpoch > state.Epoch && !await fleet.HoldsAsync(state.Mover, cancellationToken).ConfigureAwait(false))
            {
                // A move stopped half-way. Its fence may or may not stand, so the phase goes on in the epoch that the fence lets through either way. If the mover is not dead but asleep,
                // this write takes the move from it: its own comes too late.
                var resumed = state with { Epoch = state.FencingEpoch, FencingEpoch = 0, Mover = 0 };
                state = await document.TryWriteAsync(resumed, state.Revision, cancellationToken).ConfigureAwait(false);
            }
        }
        while (state is null || !await FenceAgreesAsync(state, cancellationToken).ConfigureAwait(false));

        Adopt(state);
        Log.Loaded(ladder.Logger, ladder.Old.Name, ladder.New.Name, state.Phase, state.Epoch);
        await AcknowledgeAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks whether another instance has changed the state, and follows it. The next renewal of the lease tells that it has.</summary>
    public async ValueTask FollowAsync(CancellationToken cancellationToken)
    {
        var seen = ladder.Current.IsLoaded ? await document.ReadAsync(cancellationToken).ConfigureAwait(false) : null;
        if (seen is null || seen.FencingEpoch > seen.Epoch || seen.Epoch != ladder.State.Epoch)
        {
            await LoadAsync(cancellationToken).ConfigureAwait(false);
        }
        else if (seen.Revision != ladder.State.Revision)
        {
            Adopt(seen);
        }

        if (_retired.AreEmpty())
        {
            fleet.Acknowledge(ladder.State.Revision);
        }
    }

    public async Task<MigrationMove> MoveAsync(MigrationPhase target, CancellationToken cancellationToken)
    {
        var started = ladder.Time.GetTimestamp();
        var from = ladder.Phase;
        List<UnmetCondition> missing;
        try
        {
            missing = await CheckAsync(target, cancellationToken).ConfigureAwait(false);
            if (missing.Count == 0)
            {
                var ended = await AwaitFleetAsync(missing, cancellationToken).ConfigureAwait(false);
                if (missing.Count == 0)
                {
                    // An instance whose lease ended may be asleep with a write on its way: then only the fence lets the move pass it.
                    missing = ended || PhaseProtocol.NeedsFence(from, target)
                        ? await MoveWithFenceAsync(target, cancellationToken).ConfigureAwait(false)
                        : await CommitAsync(ladder.State, target, ladder.State.Epoch, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception failure)
        {
            // The outcome of the step that failed is unknown: only the journal knows where the migration stands. The next operation reads it.
            Log.MoveFailed(ladder.Logger, from, target, failure);
            Unload();
            throw;
        }

        if (missing.Count > 0)
        {
            Log.Refused(ladder.Logger, from, target, string.Join(' ', missing));
            return new MigrationMove(Moved: false, ladder.State, missing, Settled: _retired.AreEmpty());
        }

        var settled = await SettleAsync(cancellationToken).ConfigureAwait(false);
        var duration = ladder.Time.GetElapsedTime(started);
        ladder.Instruments.RecordMove(target, duration);
        Log.Moved(ladder.Logger, from, target, ladder.State.Epoch, (long)duration.TotalMilliseconds);
        if (!settled)
        {
            Log.NotSettled(ladder.Logger, target);
        }

        return new MigrationMove(Moved: true, ladder.State, [], settled);
    }

    /// <summary>Waits until no operation of an earlier phase runs, here or in another instance that holds a lease.</summary>
    public async ValueTask<bool> SettleAsync(CancellationToken cancellationToken)
    {
        var missing = new List<UnmetCondition>();
        if (await DrainAsync(missing).ConfigureAwait(false))
        {
            await AwaitFleetAsync(missing, cancellationToken).ConfigureAwait(false);
        }

        return missing.Count == 0;
    }

    /// <summary>Changes what is known of the mirror, in the dual-write period that it belongs to.</summary>
    public async ValueTask<bool> RecordAsync(long tenure, Func<MigrationState, MigrationState> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!ladder.Current.IsLoaded)
            {
                await LoadAsync(cancellationToken).ConfigureAwait(false);
            }

            var state = ladder.State;
            if (state.Tenure != tenure || !state.Phase.HasMirror())
            {
                return false;
            }

            if (await document.TryWriteAsync(change(state), state.Revision, cancellationToken).ConfigureAwait(false) is { } next)
            {
                Adopt(next);
                return true;
            }

            // Another instance was faster: the change is made to what that one has left.
            Unload();
        }
    }

    public async ValueTask<MigrationState> ReadAsync(CancellationToken cancellationToken) =>
        await document.ReadAsync(cancellationToken).ConfigureAwait(false) ?? new MigrationState();

    /// <summary>The phase that something still runs in here, as far from another as there is one.</summary>
    public MigrationPhase FurthestFrom(MigrationPhase phase) => _retired.FurthestFrom(phase, ladder.Phase);

    /// <summary>Gives the lease back, unless something still runs: then the lease has to end by itself.</summary>
    public async ValueTask LeaveAsync()
    {
        Unload();
        if (_retired.AreEmpty())
        {
            try
            {
                await fleet.LeaveAsync(CancellationToken.None).AsTask()
                    .WaitAsync(ladder.Options.LeaseDuration, ladder.Time, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                Log.LeaseKept(ladder.Logger, failure);
            }
        }
    }

    public void Unload() => _retired.Add(ladder.Publish(Stage.Unloaded(ladder.Wake)));

    private async Task<List<UnmetCondition>> CheckAsync(MigrationPhase target, CancellationToken cancellationToken)
    {
        var state = ladder.State;
        if (!ladder.IsEnabled)
        {
            return [new(GateCondition.Enabled, "off", "on", "The kill switch is off (ScaleKit:Migration:Enabled): phase moves are refused.")];
        }

        if (!ladder.Current.AcceptsWrites)
        {
            return [new(GateCondition.Undisturbed, "another instance moves", "nobody else moves", "Another instance is in the middle of a move: wait for it.")];
        }

        var missing = Gate.Check(state, target);
        if (missing.Count == 0 && await DrainAsync(missing).ConfigureAwait(false) && PhaseProtocol.NeedsDrainedOutbox(state.Phase, target))
        {
            // After the earlier phases have settled: an entry with a lower sequence can no longer appear.
            var mark = await Gate.SequencerOf(state.Phase).GetOutboxStatusAsync(cancellationToken).ConfigureAwait(false);
            await AwaitOutboxAsync(state.Phase, now => now.HasDrainedSince(mark), missing, cancellationToken).ConfigureAwait(false);
        }

        return missing;
    }

    private async Task<List<UnmetCondition>> MoveWithFenceAsync(MigrationPhase target, CancellationToken cancellationToken)
    {
        var state = ladder.State;
        var epoch = state.Epoch + 1;
        var sequencer = Gate.SequencerOf(state.Phase);
        var asked = state with { FencingEpoch = epoch, Mover = fleet.Lease?.Number ?? 0 };
        if (await document.TryWriteAsync(asked, state.Revision, cancellationToken).ConfigureAwait(false) is not { } intent)
        {
            return Overtaken();
        }

        Publish(intent, acceptsWrites: false);
        var inForce = await sequencer.FenceAsync(epoch, cancellationToken).AsTask()
            .WaitAsync(ladder.Options.MoveTimeout, ladder.Time, cancellationToken).ConfigureAwait(false);
        if (inForce > epoch)
        {
            throw new MigrationStateException($"The store '{sequencer.Name}' is fenced at epoch {inForce}, above {epoch}: another migration uses it.");
        }

        var missing = new List<UnmetCondition>();
        if (await DrainAsync(missing).ConfigureAwait(false) && PhaseProtocol.ChangesSequencer(state.Phase, target))
        {
            await AwaitOutboxAsync(state.Phase, now => now.Pending == 0, missing, cancellationToken).ConfigureAwait(false);
        }

        if (missing.Count == 0)
        {
            // Whoever woke up meanwhile and renewed its lease is one that the next attempt waits for.
            (await fleet.RemoveEndedAsync(state.Revision, cancellationToken).ConfigureAwait(false)).Tell(missing);
        }

        if (missing.Count > 0)
        {
            // Stay where we are, in the epoch that the fence lets through.
            Unload();
            await LoadAsync(cancellationToken).ConfigureAwait(false);
            return missing;
        }

        return await CommitAsync(intent, target, epoch, cancellationToken).ConfigureAwait(false);
    }

    private async Task<List<UnmetCondition>> CommitAsync(MigrationState state, MigrationPhase target, long epoch, CancellationToken cancellationToken)
    {
        var begins = PhaseProtocol.BeginsTenure(state.Phase, target);
        var next = begins
            ? new MigrationState { Phase = target, Epoch = epoch, Tenure = epoch }
            : state with { Phase = target, Epoch = epoch, FencingEpoch = 0, Mover = 0 };
        if (await document.TryWriteAsync(next, state.Revision, cancellationToken).ConfigureAwait(false) is not { } committed)
        {
            return Overtaken();
        }

        Publish(committed, acceptsWrites: true);
        return [];
    }

    // True where somebody's lease has ended: the move may pass, but only behind a fence.
    private async ValueTask<bool> AwaitFleetAsync(List<UnmetCondition> missing, CancellationToken cancellationToken)
    {
        await AcknowledgeAsync(cancellationToken).ConfigureAwait(false);
        var muster = await fleet.AwaitAsync(ladder.State.Revision, cancellationToken).ConfigureAwait(false);
        muster.Tell(missing);
        return muster.Ended.Count > 0;
    }

    private async ValueTask AcknowledgeAsync(CancellationToken cancellationToken)
    {
        if (!fleet.IsAlone && _retired.AreEmpty())
        {
            fleet.Acknowledge(ladder.State.Revision);
            await fleet.RenewAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> DrainAsync(List<UnmetCondition> missing)
    {
        if (await _retired.DrainAsync(ladder.Options.MoveTimeout, ladder.Time).ConfigureAwait(false))
        {
            return true;
        }

        var inside = _retired.CountInside();
        missing.Add(new(
            GateCondition.OperationsEnded,
            $"{inside} operations",
            "none",
            $"{inside} operations that began in an earlier phase have not ended."));
        return false;
    }

    private async Task AwaitOutboxAsync(MigrationPhase phase, Func<OutboxStatus, bool> drained, List<UnmetCondition> missing, CancellationToken cancellationToken)
    {
        var sequencer = Gate.SequencerOf(phase);
        var started = ladder.Time.GetTimestamp();
        while (true)
        {
            var status = await sequencer.GetOutboxStatusAsync(cancellationToken).ConfigureAwait(false);
            if (drained(status))
            {
                return;
            }

            if (ladder.Time.GetElapsedTime(started) >= ladder.Options.MoveTimeout)
            {
                missing.Add(new(
                    GateCondition.OutboxPaid,
                    $"{status.Pending} entries",
                    "0 entries from before the move",
                    $"The outbox of '{sequencer.Name}' still holds {status.Pending} entries: '{Gate.MirrorOf(phase).Name}' is behind."));
                return;
            }

            ladder.Nudge();
            await Task.Delay(Poll, ladder.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    // False when another instance has moved between both reads: look again.
    private async ValueTask<bool> FenceAgreesAsync(MigrationState state, CancellationToken cancellationToken)
    {
        var sequencer = Gate.SequencerOf(state.Phase);
        var inForce = await sequencer.FenceAsync(0, cancellationToken).ConfigureAwait(false);
        if (inForce <= Math.Max(state.Epoch, state.FencingEpoch))
        {
            return true;
        }

        if (await document.ReadAsync(cancellationToken).ConfigureAwait(false) is { } now && now.Revision != state.Revision)
        {
            return false;
        }

        throw new MigrationStateException(
            $"The store '{sequencer.Name}' is fenced at epoch {inForce}, but the journal says {state.Phase.Title()} in epoch {state.Epoch}: the journal is older than the store. "
            + "Give the ladder the journal that the migration was run with.");
    }

    private List<UnmetCondition> Overtaken()
    {
        Unload();
        return
        [
            new(
                GateCondition.Undisturbed,
                "another instance was faster",
                "nobody else moves",
                "Another instance changed the state of the migration at the same time: look at the state and try again."),
        ];
    }

    // A new stage only where operations would run otherwise: what is known of the mirror concerns none.
    private void Adopt(MigrationState state)
    {
        var (stage, acceptsWrites) = (ladder.Current, state.FencingEpoch == 0);
        if (stage.IsLoaded && stage.Phase == state.Phase && stage.Epoch == state.Epoch && stage.Tenure == state.Tenure
            && stage.AcceptsWrites == acceptsWrites && ReferenceEquals(stage.Lease, fleet.Lease))
        {
            ladder.SetState(state);
            return;
        }

        Publish(state, acceptsWrites);
    }

    private void Publish(MigrationState state, bool acceptsWrites)
    {
        ladder.SetState(state);
        _retired.Add(ladder.Publish(new Stage(ladder.Wake, state, fleet.Lease, acceptsWrites)));
    }
}
