namespace ScaleKit.Analysis.Tests;

public sealed class PlanPreviewTests
{
    [Fact]
    public async Task Run_FourToFive_PrintsItsWavesAndNamesEveryFigure()
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync("plan", "--from", "4", "--to", "5", "--rows", "1000000", "--bytes-per-row", "1000", "--rows-per-second", "2000", "--wave-bytes", "100000000");

        Assert.Equal((0, "0"), (run.ExitCode, run.Result["broken"]));
        Assert.Equal(
            ("3", "13107", "0", "4", "199998", "99.999"),
            (run.Result["waves"], run.Result["moved_slots"], run.Result["needless_share"], run.Result["flows"], run.Result["rows"], run.Result["eta_seconds"]));
        Assert.All(["moved_share", "lower_bound_share", "peak_slots_over_mean", "plan_ms"], figure => Assert.True(run.Result.ContainsKey(figure), figure));
        Assert.Contains("66,666", run.Output);
        Assert.Equal(["plan-flows.svg", "plan-slots.svg"], folder.Drawings);
    }

    [Fact]
    public async Task Run_NothingToMove_SaysSo()
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync("plan", "--from", "4", "--to", "4");

        Assert.Equal((0, "0", "0"), (run.ExitCode, run.Result["moved_slots"], run.Result["flows"]));
    }
}
