namespace ScaleKit.Migration;

/// <summary>
/// What each rung means, in one place. The ladder A-B-(backfill, verify)-C-Q-D-[fence]-E-F is linearizable at every pair of neighbours; the search that shows it is
/// described in docs/migration.md.
/// </summary>
internal static class PhaseProtocol
{
    private static readonly string[] Letters = ["A", "B", "C", "Q", "D", "E", "F"];

    public static string Letter(this MigrationPhase phase) => Letters[(int)phase];

    public static string Title(this MigrationPhase phase) => $"{phase.Letter()} ({phase})";

    public static bool NewSequences(this MigrationPhase phase) => phase >= MigrationPhase.NewSequencer;

    public static bool ReadsNew(this MigrationPhase phase) => phase >= MigrationPhase.ReadNew;

    public static bool HasMirror(this MigrationPhase phase) => phase is not (MigrationPhase.OldOnly or MigrationPhase.NewOnly);

    // Load-bearing: a write is acknowledged only when the mirror has it.
    public static bool AwaitsMirror(this MigrationPhase phase) => phase is >= MigrationPhase.DualWriteBoth and <= MigrationPhase.NewSequencer;

    /// <summary>
    /// A fence on the sequencing store, with a new epoch, stands wherever a write of the phase before that lands late would be lost: it has no outbox entry (A to B, F to E),
    /// or it is sequenced by the store that no longer sequences (D to E, E to D). Such a move waits behind it until the operations of the phase before have ended.
    /// </summary>
    public static bool NeedsFence(MigrationPhase from, MigrationPhase to) => (from, to) is
        (MigrationPhase.OldOnly, MigrationPhase.DualWrite) or
        (MigrationPhase.NewOnly, MigrationPhase.NewSequencer) or
        (MigrationPhase.ReadNew, MigrationPhase.NewSequencer) or
        (MigrationPhase.NewSequencer, MigrationPhase.ReadNew);

    /// <summary>
    /// Where writes begin that leave no outbox entry, the fence is a witness in the store: a journal that loses such a move is known to be behind, and nobody goes on as if those writes had been mirrored. Nothing waits behind it.
    /// </summary>
    public static bool NeedsWitness(MigrationPhase from, MigrationPhase to) => from.HasMirror() && !to.HasMirror();

    public static bool BeginsTenure(MigrationPhase from, MigrationPhase to) =>
        !from.HasMirror() && to.HasMirror();

    // The next sequencer must hold every write of the one before: nothing may be left in its outbox.
    public static bool ChangesSequencer(MigrationPhase from, MigrationPhase to) => from.NewSequences() != to.NewSequences() && from.HasMirror() && to.HasMirror();

    public static bool NeedsCompleteMirror(MigrationPhase from, MigrationPhase to) =>
        (from, to) is (MigrationPhase.DualWrite, MigrationPhase.DualWriteBoth) || ChangesSequencer(from, to);

    public static bool NeedsVerifiedMirror(MigrationPhase from, MigrationPhase to) =>
        (from, to) is (MigrationPhase.HelpingReads, MigrationPhase.ReadNew) || ChangesSequencer(from, to);

    // The moves after which somebody depends on the new store more than before.
    public static bool IsCutover(MigrationPhase from, MigrationPhase to) => to > from && to >= MigrationPhase.ReadNew;

    public static bool NeedsDrainedOutbox(MigrationPhase from, MigrationPhase to) =>
        NeedsCompleteMirror(from, to) || NeedsVerifiedMirror(from, to);
}
