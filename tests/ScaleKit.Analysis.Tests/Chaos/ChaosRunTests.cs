namespace ScaleKit.Analysis.Tests;

public sealed class ChaosRunTests
{
    [Fact]
    public async Task Run_AFewFaults_EveryPromiseHolds()
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync("chaos", "--seconds", "12", "--seed", "1", "--people", "60");

        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.Equal(
            ("0", "0", "0", "0", "60"),
            (run.Result["lost"], run.Result["duplicated"], run.Result["unseen"], run.Result["broken_promises"], run.Result["users"]));
        Assert.NotEqual("0", run.Result["faults"]);
        Assert.NotEqual("0", run.Result["messages"]);
        Assert.Contains("all well again after", run.Output, StringComparison.Ordinal);
    }
}
