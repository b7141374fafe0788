namespace ScaleKit.Analysis.Tests;

public sealed class AdmissionGrantTests
{
    [Fact]
    public async Task Run_SmallAndLargeCrowds_TellsTheGrantAndTheEnteringApart()
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync("admission-grant", "--seconds", "1");

        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.All(["grant_ns", "enter_ns", "grant_ratio", "enter_ratio"], figure => Assert.True(run.Result.ContainsKey(figure), figure));
    }
}
