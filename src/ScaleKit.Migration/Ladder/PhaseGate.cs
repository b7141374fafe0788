namespace ScaleKit.Migration;

/// <summary>What a move needs of the stores and of the state, as data.</summary>
internal sealed class PhaseGate(IMigrationStore old, IMigrationStore @new)
{
    private const StoreCapabilities Sequencer = StoreCapabilities.SequencedWrite | StoreCapabilities.Outbox | StoreCapabilities.Fence | StoreCapabilities.Scan;
    private const StoreCapabilities Mirror = StoreCapabilities.ApplyIfNewer | StoreCapabilities.Scan;

    public List<UnmetCondition> Check(MigrationState state, MigrationPhase target)
    {
        var from = state.Phase;
        if (!Enum.IsDefined(target))
        {
            return [new(GateCondition.Neighbour, from.Title(), "a rung of the ladder", $"{from.Title()} is the end of the ladder.")];
        }

        if (Math.Abs(target - from) != 1)
        {
            var next = Between(from, target);
            return
            [
                new(GateCondition.Neighbour, from.Title(), next, target == from
                    ? $"The migration already stands in {from.Title()}."
                    : $"From {from.Title()} to {target.Title()} skips a rung: instances two phases apart lose writes or read stale values. Next is {next}."),
            ];
        }

        var missing = new List<UnmetCondition>();
        Capabilities(from, target, missing);
        if (PhaseProtocol.NeedsCompleteMirror(from, target) && !state.MirrorComplete)
        {
            missing.Add(new(GateCondition.BackfillComplete, "not complete", "complete", $"The backfill of '{MirrorOf(from).Name}' is not complete: run Backfill."));
        }

        if (target < from && state.ReadShare > 0)
        {
            missing.Add(new(
                GateCondition.Neighbour, $"{state.ReadShare} % of the keys are read in the new store", "0 %",
                $"{state.ReadShare} % of the keys stand a rung further already: set their share to 0 first."));
        }

        return missing;
    }

    public IMigrationStore SequencerOf(MigrationPhase phase) => phase.NewSequences() ? @new : old;

    public IMigrationStore MirrorOf(MigrationPhase phase) => phase.NewSequences() ? old : @new;

    private static string Between(MigrationPhase from, MigrationPhase target) => target == from ? from.Title() : (target > from ? from + 1 : from - 1).Title();

    private void Capabilities(MigrationPhase from, MigrationPhase target, List<UnmetCondition> missing)
    {
        if (target.HasMirror())
        {
            Need(SequencerOf(target), Sequencer, target, missing);
            Need(MirrorOf(target), Mirror, target, missing);
        }

        // The way back leads over the same rung, so it is asked for on the way in.
        if (PhaseProtocol.ChangesSequencer(from, target))
        {
            Need(MirrorOf(target), Sequencer, target, missing);
        }
    }

    private static void Need(IMigrationStore store, StoreCapabilities needed, MigrationPhase target, List<UnmetCondition> missing)
    {
        var lacking = needed & ~store.Capabilities;
        if (lacking != StoreCapabilities.None)
        {
            missing.Add(new(
                GateCondition.Capability, $"{store.Capabilities}", $"{needed}", $"The store '{store.Name}' lacks {lacking}, which {target.Title()} needs of it."));
        }
    }
}
