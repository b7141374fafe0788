namespace ScaleKit.Migration;

/// <summary>The names of what this package measures. No tag holds a key.</summary>
public static class MigrationDiagnostics
{
    /// <summary>The meter: <c>ScaleKit.Migration</c>.</summary>
    public const string MeterName = "ScaleKit.Migration";

    /// <summary>Gauge, {rung}: the phase as a number, 0 (A) to 6 (F).</summary>
    public const string Phase = "scalekit.migration.phase";

    /// <summary>Counter, {operation}: reads and writes of the repository, by <see cref="OperationTag"/>.</summary>
    public const string Operations = "scalekit.migration.operations";

    /// <summary>Counter, {failure}: rows that the mirror did not take in time, by <see cref="PhaseTag"/>.</summary>
    public const string MirrorFailures = "scalekit.migration.mirror.failures";

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

    /// <summary>Histogram, s: how long phase moves took, by <see cref="PhaseTag"/> (the one moved to).</summary>
    public const string MoveDuration = "scalekit.migration.move.duration";

    /// <summary>The tag of an operation: read, write, scan.</summary>
    public const string OperationTag = "scalekit.migration.operation";

    /// <summary>The tag of a phase: A B C Q D E F.</summary>
    public const string PhaseTag = "scalekit.migration.phase.letter";

    /// <summary>The tag of a shadow read: same, different, failed.</summary>
    public const string ShadowTag = "scalekit.migration.shadow.result";

    /// <summary>The tag of a difference: missing, extra, stale, different.</summary>
    public const string DifferenceTag = "scalekit.migration.difference";
}
