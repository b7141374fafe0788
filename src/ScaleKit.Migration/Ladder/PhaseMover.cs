namespace ScaleKit.Migration;

/// <summary>
/// Carries out the moves of a ladder, one at a time: its callers hold the ladder's turn. The order of the steps is the protocol; each step is one call of a store or of the journal, so a crash
/// between any two is a state that <see cref="LoadAsync"/> understands.
/// </summary>
internal sealed class PhaseMover(MigrationLadder ladder, StateDocument document)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);
    private readonly List<Stage> _retired = [];

    public PhaseGate Gate { get; } = new(ladder.Old, ladder.New, ladder.Options);

    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        MigrationState? state;
        do
        {
            state = await document.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (state is null)
            {
                state = await document.TryWriteAsync(new MigrationState(), 0, cancellationToken).ConfigureAwait(false);
            }
            else if (state.FencingEpoch > state.Epoch)
            {
                // A move stopped half-way. Its fence may or may not stand, so the phase goes on in the epoch that the fence lets through either way.
                var resumed = state with { Epoch = state.FencingEpoch, FencingEpoch = 0 };
                state = await document.TryWriteAsync(resumed, state.Revision, cancellationToken).ConfigureAwait(false);
            }
        }
        while (state is null);

        await CheckFenceAsync(state, cancellationToken).ConfigureAwait(false);
        Publish(state, acceptsWrites: true);
        Log.Loaded(ladder.Logger, ladder.Old.Name, ladder.New.Name, state.Phase, state.Epoch);
    }

    public async Task<MigrationMove> MoveAsync(MigrationPhase target, CancellationToken cancellationToken)
    {
        var started = ladder.Time.GetTimestamp();
        var from = ladder.Phase;
        var missing = await CheckAsync(target, cancellationToken).ConfigureAwait(false);
        if (missing.Count == 0)
        {
            try
            {
                missing = PhaseProtocol.NeedsFence(from, target)
                    ? await MoveWithFenceAsync(target, cancellationToken).ConfigureAwait(false)
                    : await CommitAsync(ladder.State, target, ladder.State.Epoch, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                // The outcome of the step that failed is unknown: only the journal knows where the migration stands. The next operation reads it.
                Log.MoveFailed(ladder.Logger, from, target, failure);
                Unload();
                throw;
            }
        }

        if (missing.Count > 0)
        {
            Log.Refused(ladder.Logger, from, target, string.Join(' ', missing));
            return new MigrationMove(Moved: false, ladder.State, missing, Settled: _retired.Count == 0);
        }

        var settled = await SettleAsync().ConfigureAwait(false);
        var duration = ladder.Time.GetElapsedTime(started);
        ladder.Instruments.RecordMove(target, duration);
        Log.Moved(ladder.Logger, from, target, ladder.State.Epoch, (long)duration.TotalMilliseconds);
        if (!settled)
        {
            Log.NotSettled(ladder.Logger, target);
        }

        return new MigrationMove(Moved: true, ladder.State, [], settled);
    }

    public async Task<bool> SettleAsync()
    {
        while (_retired.Count > 0)
        {
            if (!await _retired[0].DrainAsync(ladder.Options.MoveTimeout, ladder.Time).ConfigureAwait(false))
            {
                return false;
            }

            _retired.RemoveAt(0);
        }

        return true;
    }

    public async ValueTask<bool> RecordAsync(Func<MigrationState, MigrationState> change, CancellationToken cancellationToken)
    {
        var state = ladder.State;
        if (await document.TryWriteAsync(change(state), state.Revision, cancellationToken).ConfigureAwait(false) is not { } next)
        {
            Unload();
            return false;
        }

        ladder.SetState(next);
        return true;
    }

    private async Task<List<string>> CheckAsync(MigrationPhase target, CancellationToken cancellationToken)
    {
        var state = ladder.State;
        if (!ladder.IsEnabled)
        {
            return ["The kill switch is off (ScaleKit:Migration:Enabled): phase moves are refused."];
        }

        var missing = Enum.IsDefined(target) ? Gate.Check(state, target) : [$"{state.Phase.Title()} is the end of the ladder."];
        if (missing.Count == 0 && !await SettleAsync().ConfigureAwait(false))
        {
            missing.Add($"{_retired.Sum(s => s.CountInside())} operations that began in an earlier phase have not ended.");
        }

        if (missing.Count == 0 && PhaseProtocol.NeedsDrainedOutbox(state.Phase, target))
        {
            // After the earlier phases have settled: an entry with a lower sequence can no longer appear.
            var mark = await Gate.SequencerOf(state.Phase).GetOutboxStatusAsync(cancellationToken).ConfigureAwait(false);
            await AwaitOutboxAsync(state.Phase, now => now.HasDrainedSince(mark), missing, cancellationToken).ConfigureAwait(false);
        }

        return missing;
    }

    private async Task<List<string>> MoveWithFenceAsync(MigrationPhase target, CancellationToken cancellationToken)
    {
        var state = ladder.State;
        var epoch = state.Epoch + 1;
        var sequencer = Gate.SequencerOf(state.Phase);
        if (await document.TryWriteAsync(state with { FencingEpoch = epoch }, state.Revision, cancellationToken).ConfigureAwait(false) is not { } intent)
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

        var missing = new List<string>();
        if (!await SettleAsync().ConfigureAwait(false))
        {
            missing.Add($"Operations that began in {state.Phase.Title()} have not ended in time.");
        }
        else if (PhaseProtocol.ChangesSequencer(state.Phase, target))
        {
            await AwaitOutboxAsync(state.Phase, now => now.Pending == 0, missing, cancellationToken).ConfigureAwait(false);
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

    private async Task<List<string>> CommitAsync(MigrationState state, MigrationPhase target, long epoch, CancellationToken cancellationToken)
    {
        var begins = PhaseProtocol.BeginsTenure(state.Phase, target);
        var next = new MigrationState
        {
            Phase = target,
            Epoch = epoch,
            Tenure = begins ? epoch : state.Tenure,
            MirrorComplete = !begins && state.MirrorComplete,
            MirrorVerified = !begins && state.MirrorVerified,
        };
        if (await document.TryWriteAsync(next, state.Revision, cancellationToken).ConfigureAwait(false) is not { } committed)
        {
            return Overtaken();
        }

        Publish(committed, acceptsWrites: true);
        return [];
    }

    private async Task AwaitOutboxAsync(MigrationPhase phase, Func<OutboxStatus, bool> drained, List<string> missing, CancellationToken cancellationToken)
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
                missing.Add($"The outbox of '{sequencer.Name}' still holds {status.Pending} entries: '{Gate.MirrorOf(phase).Name}' is behind.");
                return;
            }

            ladder.Nudge();
            await Task.Delay(Poll, ladder.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask CheckFenceAsync(MigrationState state, CancellationToken cancellationToken)
    {
        var sequencer = Gate.SequencerOf(state.Phase);
        var inForce = await sequencer.FenceAsync(0, cancellationToken).ConfigureAwait(false);
        if (inForce > state.Epoch)
        {
            throw new MigrationStateException(
                $"The store '{sequencer.Name}' is fenced at epoch {inForce}, but the journal says {state.Phase.Title()} in epoch {state.Epoch}: the journal is older than the store. "
                + "Give the ladder the journal that the migration was run with.");
        }
    }

    private List<string> Overtaken()
    {
        Unload();
        return ["Another instance changed the state of the migration at the same time: look at the state and try again."];
    }

    private void Publish(MigrationState state, bool acceptsWrites)
    {
        ladder.SetState(state);
        Retire(ladder.Publish(new Stage(ladder.Wake, state.Phase, state.Epoch, state.Tenure, acceptsWrites)));
    }

    private void Unload() => Retire(ladder.Publish(Stage.Unloaded(ladder.Wake)));

    private void Retire(Stage stage)
    {
        if (stage.IsLoaded)
        {
            _retired.Add(stage);
        }
    }
}
