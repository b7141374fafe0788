namespace ScaleKit.Migration;

/// <summary>The names of what this package measures. No tag holds a key.</summary>
public static class MigrationDiagnostics
{
    /// <summary>The meter: <c>ScaleKit.Migration</c>.</summary>
    public const string MeterName = "ScaleKit.Migration";

    /// <summary>The activity source: <c>ScaleKit.Migration</c>. Reads and writes of the repository have no activity: those of the stores tell as much.</summary>
    public const string ActivitySourceName = "ScaleKit.Migration";

    /// <summary>
    /// Activity: one phase move, its waits for the fleet and the outbox included; tags <see cref="FromPhaseTag"/>, <see cref="PhaseTag"/> (the one asked for) and
    /// <see cref="MovedTag"/>. An error with <see cref="ErrorTag"/> where a step failed; a refused move is none.
    /// </summary>
    public const string MoveActivity = "scalekit.migration.move";

    /// <summary>Activity: one page of a backfill, from the scan to the checkpoint; tags <see cref="RowsTag"/>, or <see cref="ErrorTag"/> for an attempt that failed.</summary>
    public const string BackfillPageActivity = "scalekit.migration.backfill.page";

    /// <summary>Activity: one chunk of a verification; tags <see cref="RowsTag"/> or <see cref="ErrorTag"/>.</summary>
    public const string VerificationChunkActivity = "scalekit.migration.verification.chunk";

    /// <summary>Activity: one batch of debts that the repair pays, none where there is no debt; tags <see cref="RowsTag"/> (entries paid) or <see cref="ErrorTag"/>.</summary>
    public const string RepairBatchActivity = "scalekit.migration.repair.batch";

    /// <summary>Activity: one wave of a resharding with its moves, pages and chunks; tag <see cref="WaveTag"/>. An error where it did not come to its end.</summary>
    public const string ReshardWaveActivity = "scalekit.migration.reshard.wave";

    /// <summary>Gauge, {rung}: the phase as a number, 0 (A) to 6 (F).</summary>
    public const string Phase = "scalekit.migration.phase";

    /// <summary>Counter, {operation}: reads and writes of the repository, by <see cref="OperationTag"/>.</summary>
    public const string Operations = "scalekit.migration.operations";

    /// <summary>Counter, {failure}: rows that the mirror did not take in time, by <see cref="PhaseTag"/>.</summary>
    public const string MirrorFailures = "scalekit.migration.mirror.failures";

    /// <summary>Gauge, 1: 1 while more rows than <see cref="MigrationOptions.MirrorFailureLimit"/> are not taken by the mirror, else 0.</summary>
    public const string MirrorFailing = "scalekit.migration.mirror.failing";

    /// <summary>Gauge, {entry}: outbox entries that are not paid yet, as last seen by the repair.</summary>
    public const string OutboxPending = "scalekit.migration.outbox.pending";

    /// <summary>Counter, {row}: rows that the repair brought to the mirror.</summary>
    public const string RepairedRows = "scalekit.migration.repair.rows";

    /// <summary>Counter, {row}: rows that the backfill looked at.</summary>
    public const string BackfillRows = "scalekit.migration.backfill.rows";

    /// <summary>Gauge, 1: the share of its time that the backfill works, below 1 while a store is slow or fails.</summary>
    public const string BackfillPace = "scalekit.migration.backfill.pace";

    /// <summary>Counter, {row}: rows that the verification compared.</summary>
    public const string VerifiedRows = "scalekit.migration.verification.rows";

    /// <summary>Counter, {row}: confirmed differences, by <see cref="DifferenceTag"/>.</summary>
    public const string Differences = "scalekit.migration.verification.differences";

    /// <summary>Counter, {read}: reads that were compared with the mirror, by <see cref="ShadowTag"/>.</summary>
    public const string ShadowReads = "scalekit.migration.shadow.reads";

    /// <summary>Gauge, {entry}: outbox entries that the mirror refuses again and again, as this instance's repair has seen them.</summary>
    public const string DeadLetters = "scalekit.migration.outbox.dead";

    /// <summary>Counter, {restoration}: how often the journal had lost what this instance has seen of the phase, and was given it back.</summary>
    public const string JournalRestored = "scalekit.migration.journal.restored";

    /// <summary>Histogram, s: how long phase moves took, by <see cref="PhaseTag"/> (the one moved to).</summary>
    public const string MoveDuration = "scalekit.migration.move.duration";

    /// <summary>The tag of an operation: read, write, scan.</summary>
    public const string OperationTag = "scalekit.migration.operation";

    /// <summary>The tag of a phase: A B C Q D E F.</summary>
    public const string PhaseTag = "scalekit.migration.phase.letter";

    /// <summary>The tag of a move: the phase that it begins in, A B C Q D E F.</summary>
    public const string FromPhaseTag = "scalekit.migration.phase.from";

    /// <summary>The tag of a move: whether it moved; false where a condition was not met.</summary>
    public const string MovedTag = "scalekit.migration.moved";

    /// <summary>The tag of a page, a chunk or a batch: the rows in it.</summary>
    public const string RowsTag = "scalekit.migration.rows";

    /// <summary>The tag of a wave: its number, 1 and up.</summary>
    public const string WaveTag = "scalekit.migration.wave";

    /// <summary>The tag of an activity that failed: the type of the exception. Never its message: that may hold a key.</summary>
    public const string ErrorTag = "error.type";

    /// <summary>The tag of a shadow read: same, different, failed.</summary>
    public const string ShadowTag = "scalekit.migration.shadow.result";

    /// <summary>The tag of a difference: missing, extra, stale, different.</summary>
    public const string DifferenceTag = "scalekit.migration.difference";
}
