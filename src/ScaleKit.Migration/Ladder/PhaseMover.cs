namespace ScaleKit.Migration;

/// <summary>
/// Carries out the moves of a ladder, one at a time: its callers hold the ladder's turn. The order of the steps is the protocol; each step is one call of a store or of the journal, so a crash
/// between any two is a state that <see cref="LoadAsync"/> understands.
/// </summary>
internal sealed class PhaseMover
{
    private readonly MigrationLadder _ladder;
    private readonly StateDocument _document;
    private readonly WitnessedState _state;
    private readonly Fleet _fleet;
    private readonly AuditLog _audit;
    private readonly RetiredStages _retired = new();
    private readonly CutoverGate _cutover;
    private readonly MoveBarriers _barriers;

    public PhaseMover(MigrationLadder ladder, StateDocument document, Fleet fleet, AuditLog audit)
    {
        (_ladder, _document, _fleet, _audit) = (ladder, document, fleet, audit);
        Gate = new PhaseGate(ladder.Old, ladder.New);
        _state = new WitnessedState(ladder, document, audit, Gate);
        _cutover = new CutoverGate(ladder.Options.Gate, ladder.Options.RequireVerification);
        _barriers = new MoveBarriers(ladder, fleet, _retired, Gate);
    }

    public PhaseGate Gate { get; }

    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        // Ordering: the lease first. A move that this read does not show yet then waits for this instance.
        await _fleet.JoinAsync(cancellationToken).ConfigureAwait(false);
        MigrationState? state;
        do
        {
            state = await _state.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (state is null)
            {
                state = await _document.TryWriteAsync(new MigrationState(), 0, cancellationToken).ConfigureAwait(false);
            }
            else if (state.FencingEpoch > state.Epoch && !await _fleet.HoldsAsync(state.Mover, cancellationToken).ConfigureAwait(false))
            {
                // A move stopped half-way. Its fence may or may not stand, so the phase goes on in the epoch that the fence lets through either way. If the mover is not dead but asleep,
                // this write takes the move from it: its own comes too late.
                var resumed = state with { Epoch = state.FencingEpoch, FencingEpoch = 0, Mover = 0 };
                state = await _document.TryWriteAsync(resumed, state.Revision, cancellationToken).ConfigureAwait(false);
            }
        }
        while (state is null || !await _state.AgreesAsync(state, cancellationToken).ConfigureAwait(false));

        Adopt(state);
        Log.Loaded(_ladder.Logger, _ladder.Old.Name, _ladder.New.Name, state.Phase, state.Epoch);
        await _barriers.AcknowledgeAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks whether another instance has changed the state, and follows it. The next renewal of the lease tells that it has.</summary>
    public async ValueTask FollowAsync(CancellationToken cancellationToken)
    {
        var seen = _ladder.Current.IsLoaded ? await _state.ReadAsync(cancellationToken).ConfigureAwait(false) : null;
        if (seen is null || seen.FencingEpoch > seen.Epoch || seen.Epoch != _ladder.State.Epoch)
        {
            await LoadAsync(cancellationToken).ConfigureAwait(false);
        }
        else if (seen != _ladder.State)
        {
            // Not by the revision alone: where a promoted replica had lost a move, another may stand under its number.
            Adopt(seen);
        }

        if (_retired.AreEmpty())
        {
            _fleet.Acknowledge(_ladder.State.Revision);
        }
    }

    public async Task<MigrationMove> MoveAsync(MigrationPhase target, double? readShare, GateOverride? byHand, CancellationToken cancellationToken)
    {
        var started = _ladder.Time.GetTimestamp();
        var from = _ladder.Phase;
        List<UnmetCondition> missing;
        try
        {
            missing = await TryMoveAsync(target, readShare, byHand, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // The outcome of the step that failed is unknown: only the journal knows where the migration stands. The next operation reads it.
            Log.MoveFailed(_ladder.Logger, from, target, failure);
            Unload();
            throw;
        }

        if (missing.Count > 0)
        {
            Log.Refused(_ladder.Logger, from, target, string.Join(' ', missing));
            return new MigrationMove(Moved: false, _ladder.State, missing, Settled: _retired.AreEmpty());
        }

        var settled = await SettleAsync(cancellationToken).ConfigureAwait(false);
        var duration = _ladder.Time.GetElapsedTime(started);
        _ladder.Instruments.RecordMove(target, duration);
        Log.Moved(_ladder.Logger, from, target, _ladder.State.Epoch, (long)duration.TotalMilliseconds);
        if (!settled)
        {
            Log.NotSettled(_ladder.Logger, target);
        }

        return new MigrationMove(Moved: true, _ladder.State, [], settled);
    }

    private async Task<List<UnmetCondition>> TryMoveAsync(MigrationPhase target, double? share, GateOverride? byHand, CancellationToken cancellationToken)
    {
        var from = _ladder.Phase;
        var (asked, readShare) = (share is null ? target : MigrationPhase.ReadNew, share ?? 0);
        var lowers = share <= _ladder.State.ReadShare;
        var missing = await CheckAsync(asked, lowers, cancellationToken).ConfigureAwait(false);
        var evidence = _ladder.Evidence.Take(_ladder.State, _cutover.Confidence);
        var overridden = new List<UnmetCondition>();
        if (!lowers)
        {
            _cutover.Check(from, asked, _ladder.State, evidence, byHand is null ? missing : overridden);
        }

        if (missing.Count > 0)
        {
            return missing;
        }

        var ended = await _barriers.AwaitFleetAsync(missing, cancellationToken).ConfigureAwait(false);
        if (missing.Count > 0)
        {
            return missing;
        }

        await _audit.AppendAsync(_ladder.State, target, readShare, byHand, overridden, evidence, cancellationToken).ConfigureAwait(false);

        if (!await _state.IsFreeAsync(_ladder.State, cancellationToken).ConfigureAwait(false))
        {
            return Overtaken();
        }

        // An instance whose lease ended may be asleep with a write on its way: then only the fence lets the move pass it.
        var passes = ended || PhaseProtocol.NeedsFence(from, target);
        return passes || PhaseProtocol.NeedsWitness(from, target)
            ? await MoveWithFenceAsync(target, readShare, drains: passes, cancellationToken).ConfigureAwait(false)
            : await CommitAsync(_ladder.State, target, readShare, _ladder.State.Epoch, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until no operation of an earlier phase runs, here or in another instance that holds a lease.</summary>
    public async ValueTask<bool> SettleAsync(CancellationToken cancellationToken)
    {
        var missing = new List<UnmetCondition>();
        if (await _barriers.DrainAsync(missing).ConfigureAwait(false))
        {
            await _barriers.AwaitFleetAsync(missing, cancellationToken).ConfigureAwait(false);
        }

        return missing.Count == 0;
    }

    /// <summary>Changes what is known of the mirror, in the dual-write period that it belongs to.</summary>
    public async ValueTask<bool> RecordAsync(long tenure, Func<MigrationState, MigrationState> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!_ladder.Current.IsLoaded)
            {
                await LoadAsync(cancellationToken).ConfigureAwait(false);
            }

            var state = _ladder.State;
            if (state.Tenure != tenure || !state.Phase.HasMirror())
            {
                return false;
            }

            if (await _document.TryWriteAsync(change(state), state.Revision, cancellationToken).ConfigureAwait(false) is { } next)
            {
                Adopt(next);
                return true;
            }

            // Another instance was faster: the change is made to what that one has left.
            Unload();
        }
    }

    public async ValueTask<MigrationState> ReadAsync(CancellationToken cancellationToken) =>
        await _document.ReadAsync(cancellationToken).ConfigureAwait(false) ?? new MigrationState();

    /// <summary>The phase that something still runs in here, as far from another as there is one.</summary>
    public MigrationPhase FurthestFrom(MigrationPhase phase) => _retired.FurthestFrom(phase, _ladder.Phase);

    /// <summary>Gives the lease back, unless something still runs: then the lease has to end by itself.</summary>
    public async ValueTask LeaveAsync()
    {
        Unload();
        if (_retired.AreEmpty())
        {
            try
            {
                await _fleet.LeaveAsync(CancellationToken.None).AsTask()
                    .WaitAsync(_ladder.Options.LeaseDuration, _ladder.Time, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                Log.LeaseKept(_ladder.Logger, failure);
            }
        }
    }

    public void Unload() => _retired.Add(_ladder.Publish(Stage.Unloaded(_ladder.Wake)));

    private async Task<List<UnmetCondition>> CheckAsync(MigrationPhase target, bool lowers, CancellationToken cancellationToken)
    {
        var state = _ladder.State;
        if (!_ladder.IsEnabled)
        {
            return [new(GateCondition.Enabled, "off", "on", "The kill switch is off (ScaleKit:Migration:Enabled): phase moves are refused.")];
        }

        if (!_ladder.Current.AcceptsWrites)
        {
            return [new(GateCondition.Undisturbed, "another instance moves", "nobody else moves", "Another instance is in the middle of a move: wait for it.")];
        }

        // Fewer keys in the new store: nothing has to be shown for that.
        var missing = lowers ? [] : Gate.Check(state, target);
        if (missing.Count == 0 && await _barriers.DrainAsync(missing).ConfigureAwait(false) && !lowers && PhaseProtocol.NeedsDrainedOutbox(state.Phase, target))
        {
            // After the earlier phases have settled: an entry with a lower sequence can no longer appear.
            var mark = await Gate.SequencerOf(state.Phase).GetOutboxStatusAsync(cancellationToken).ConfigureAwait(false);
            await _barriers.AwaitOutboxAsync(state.Phase, now => now.HasDrainedSince(mark), missing, cancellationToken).ConfigureAwait(false);
        }

        return missing;
    }

    private async Task<List<UnmetCondition>> MoveWithFenceAsync(MigrationPhase target, double readShare, bool drains, CancellationToken cancellationToken)
    {
        var state = _ladder.State;
        var epoch = state.Epoch + 1;
        var sequencer = Gate.SequencerOf(state.Phase);
        var asked = state with { FencingEpoch = epoch, Mover = _fleet.Lease?.Number ?? 0 };
        if (await _document.TryWriteAsync(asked, state.Revision, cancellationToken).ConfigureAwait(false) is not { } intent)
        {
            return Overtaken();
        }

        Publish(intent, acceptsWrites: false);
        var inForce = await sequencer.FenceAsync(epoch, cancellationToken).AsTask()
            .WaitAsync(_ladder.Options.MoveTimeout, _ladder.Time, cancellationToken).ConfigureAwait(false);
        if (inForce > epoch)
        {
            throw new MigrationStateException($"The store '{sequencer.Name}' is fenced at epoch {inForce}, above {epoch}: another migration uses it.");
        }

        var missing = new List<UnmetCondition>();
        if (drains && await _barriers.DrainAsync(missing).ConfigureAwait(false) && PhaseProtocol.ChangesSequencer(state.Phase, target))
        {
            await _barriers.AwaitOutboxAsync(state.Phase, now => now.Pending == 0, missing, cancellationToken).ConfigureAwait(false);
        }

        if (missing.Count == 0)
        {
            // Whoever woke up meanwhile and renewed its lease is one that the next attempt waits for.
            (await _fleet.RemoveEndedAsync(state.Revision, cancellationToken).ConfigureAwait(false)).Tell(missing);
        }

        if (missing.Count > 0)
        {
            // Stay where we are, in the epoch that the fence lets through.
            Unload();
            await LoadAsync(cancellationToken).ConfigureAwait(false);
            return missing;
        }

        return await CommitAsync(intent, target, readShare, epoch, cancellationToken).ConfigureAwait(false);
    }

    private async Task<List<UnmetCondition>> CommitAsync(MigrationState state, MigrationPhase target, double readShare, long epoch, CancellationToken cancellationToken)
    {
        var begins = PhaseProtocol.BeginsTenure(state.Phase, target);
        var next = begins
            ? new MigrationState { Phase = target, Epoch = epoch, Tenure = epoch }
            : state with
            {
                Phase = target,
                Epoch = epoch,
                FencingEpoch = 0,
                Mover = 0,
                ReadShare = readShare,
                ReversedFrom = target < state.Phase && !(state.ReversedFrom > state.Phase) ? state.Phase : state.ReversedFrom,
            };
        if (await _document.TryWriteAsync(next, state.Revision, cancellationToken).ConfigureAwait(false) is not { } committed)
        {
            return Overtaken();
        }

        Publish(committed, acceptsWrites: true);
        return [];
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
        var (stage, acceptsWrites) = (_ladder.Current, state.FencingEpoch == 0);
        if (stage.IsLoaded && stage.Phase == state.Phase && stage.Epoch == state.Epoch && stage.Tenure == state.Tenure && stage.ReadShare.Equals(state.ReadShare)
            && stage.AcceptsWrites == acceptsWrites && ReferenceEquals(stage.Lease, _fleet.Lease))
        {
            _ladder.SetState(state);
            return;
        }

        Publish(state, acceptsWrites);
    }

    private void Publish(MigrationState state, bool acceptsWrites)
    {
        _ladder.SetState(state);
        _retired.Add(_ladder.Publish(new Stage(_ladder.Wake, state, _fleet.Lease, acceptsWrites)));
    }
}
