using System.Diagnostics;

namespace ScaleKit.Migration;

/// <summary>The activities of the package: of its work in the background and of moves, never of an operation. None is made while nobody listens.</summary>
internal static class MigrationActivities
{
    private static readonly ActivitySource Source = new(MigrationDiagnostics.ActivitySourceName);

    public static Activity? StartMove(MigrationPhase from, MigrationPhase to) => Source.StartActivity(MigrationDiagnostics.MoveActivity)?
        .SetTag(MigrationDiagnostics.FromPhaseTag, from.Letter())
        .SetTag(MigrationDiagnostics.PhaseTag, to.Letter());

    public static void EndMove(Activity? activity, bool moved) => activity?.SetTag(MigrationDiagnostics.MovedTag, moved);

    public static Activity? StartPage() => Source.StartActivity(MigrationDiagnostics.BackfillPageActivity);

    public static Activity? StartChunk() => Source.StartActivity(MigrationDiagnostics.VerificationChunkActivity);

    public static Activity? StartRepair() => Source.StartActivity(MigrationDiagnostics.RepairBatchActivity);

    public static void EndRows(Activity? activity, long rows) => activity?.SetTag(MigrationDiagnostics.RowsTag, rows);

    public static Activity? StartWave(int wave) => Source.StartActivity(MigrationDiagnostics.ReshardWaveActivity)?.SetTag(MigrationDiagnostics.WaveTag, wave);

    public static void EndWave(Activity? activity, bool completed)
    {
        if (!completed)
        {
            activity?.SetStatus(ActivityStatusCode.Error);
        }
    }

    public static void Fail(Activity? activity, Exception failure) =>
        activity?.SetTag(MigrationDiagnostics.ErrorTag, failure.GetType().FullName).SetStatus(ActivityStatusCode.Error);
}
