namespace ScaleKit.Migration;

/// <summary>How far a migration has come. Immutable.</summary>
/// <param name="Phase">The phase now.</param>
/// <param name="Step">What it is busy with.</param>
/// <param name="Rows">The rows that this step has looked at.</param>
/// <param name="TotalRows">How many there were when the step began; writers may add more.</param>
/// <param name="RowsPerSecond">The mean rate of this step since it began or was resumed.</param>
/// <param name="Differences">Differences confirmed so far, in <see cref="MigrationStep.Verifying"/>.</param>
/// <param name="Pace">The share of its time that the backfill works, 1 unless a store was slow or failed; see <see cref="MigrationOptions.BackfillLatencyLimit"/>.</param>
public sealed record MigrationProgress(
    MigrationPhase Phase, MigrationStep Step, long Rows = 0, long TotalRows = 0, double RowsPerSecond = 0, long Differences = 0, double Pace = 1)
{
    /// <summary>The part of this step that is done, 0 to 1.</summary>
    public double Fraction => Step == MigrationStep.Done ? 1 : TotalRows > 0 ? Math.Min(1.0, (double)Rows / TotalRows) : 0;

    /// <summary>How long this step takes from here on at the rate so far; null while there is no rate.</summary>
    public TimeSpan? Remaining => RowsPerSecond > 0 ? TimeSpan.FromSeconds(Math.Min(Math.Max(0, TotalRows - Rows) / RowsPerSecond, 1e9)) : null;
}
