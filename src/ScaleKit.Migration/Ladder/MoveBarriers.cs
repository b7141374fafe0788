namespace ScaleKit.Migration;

/// <summary>What a move waits for, each for at most the move timeout: what it did not get is told as a condition. Its callers hold the ladder's turn.</summary>
internal sealed class MoveBarriers(MigrationLadder ladder, Fleet fleet, RetiredStages retired, PhaseGate gate)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);

    // True where somebody's lease has ended: the move may pass, but only behind a fence.
    public async ValueTask<bool> AwaitFleetAsync(List<UnmetCondition> missing, CancellationToken cancellationToken)
    {
        await AcknowledgeAsync(cancellationToken).ConfigureAwait(false);
        var muster = await fleet.AwaitAsync(ladder.State.Revision, cancellationToken).ConfigureAwait(false);
        muster.Tell(missing);
        return muster.Ended.Count > 0;
    }

    public async ValueTask AcknowledgeAsync(CancellationToken cancellationToken)
    {
        if (!fleet.IsAlone && retired.AreEmpty())
        {
            fleet.Acknowledge(ladder.State.Revision);
            await fleet.RenewAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<bool> DrainAsync(List<UnmetCondition> missing)
    {
        if (await retired.DrainAsync(ladder.Options.MoveTimeout, ladder.Time).ConfigureAwait(false))
        {
            return true;
        }

        var inside = retired.CountInside();
        missing.Add(new(
            GateCondition.OperationsEnded,
            $"{inside} operations",
            "none",
            $"{inside} operations that began in an earlier phase have not ended."));
        return false;
    }

    public async Task AwaitOutboxAsync(MigrationPhase phase, Func<OutboxStatus, bool> drained, List<UnmetCondition> missing, CancellationToken cancellationToken)
    {
        var sequencer = gate.SequencerOf(phase);
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
                    $"The outbox of '{sequencer.Name}' still holds {status.Pending} entries: '{gate.MirrorOf(phase).Name}' is behind."));
                return;
            }

            ladder.Nudge();
            await Task.Delay(Poll, ladder.Time, cancellationToken).ConfigureAwait(false);
        }
    }
}
