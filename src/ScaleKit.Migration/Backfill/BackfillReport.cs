namespace ScaleKit.Migration;

/// <summary>How a backfill ended. Immutable.</summary>
/// <param name="Rows">Rows that it looked at, tombstones and those of the run before a resume included.</param>
/// <param name="Applied">Rows of this run that the mirror did not have in this version yet.</param>
/// <param name="Resumed">Whether it went on from a checkpoint.</param>
/// <param name="Elapsed">How long this run took.</param>
public sealed record BackfillReport(long Rows, long Applied, bool Resumed, TimeSpan Elapsed);
