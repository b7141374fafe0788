namespace ScaleKit.Analysis.Tests;

public sealed class MigrationSpeedTests
{
    [Fact]
    public async Task Run_FewRows_NamesEveryFigureAndKeepsEveryDebt()
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync("migration-speed", "--rows", "2000", "--writes", "100", "--laps", "1", "--judge-time", "0");

        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.Equal("0", run.Result["broken"]);
        Assert.All(
            ["backfill_times_plain_copy", "verification_times_plain_read", "phase_b_times_phase_a_p99", "phase_b_times_phase_a_p50", "debt_kept"],
            figure => Assert.True(run.Result.ContainsKey(figure), figure));
    }
}
