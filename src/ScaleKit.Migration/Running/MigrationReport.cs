namespace ScaleKit.Migration;

/// <summary>How a run of <see cref="MigrationRunner{TKey, TValue}"/> ended. Immutable.</summary>
/// <param name="From">The phase in which it began.</param>
/// <param name="To">The phase in which it ended.</param>
/// <param name="Completed">Whether that is the phase that was asked for.</param>
/// <param name="Missing">What kept it from going on; empty when completed.</param>
/// <param name="Backfill">The last backfill of the run; null when none was needed.</param>
/// <param name="Verification">The last verification of the run; null when there was none.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record MigrationReport(
    MigrationPhase From,
    MigrationPhase To,
    bool Completed,
    IReadOnlyList<UnmetCondition> Missing,
    BackfillReport? Backfill,
    VerificationReport? Verification,
    TimeSpan Elapsed)
{
    /// <summary>Rows that the last verification compared.</summary>
    public long RowsCompared => Verification?.Compared ?? 0;

    /// <summary>Differences that the last verification confirmed.</summary>
    public long Differences => Verification?.Differences ?? 0;

    /// <summary>Live rows that the last verification did not find in the new store.</summary>
    public long Lost => Verification?.Lost ?? 0;

    /// <summary>From where to where, what was found and what is missing, on one line.</summary>
    public override string ToString() =>
        $"{From} to {To}, {(Completed ? "completed" : "stopped")} after {Elapsed:c}"
        + (Verification is null ? "" : $", {RowsCompared} rows compared, {Differences} differences, {Lost} lost")
        + ConditionText.After(": ", Missing);
}
