using System.Globalization;

namespace ScaleKit.Analysis.Tests;

public sealed class AdmissionCancelTests
{
    [Fact]
    public async Task Run_ManyWhoGiveUp_NothingStaysAndTheRivalShowsTheDifference()
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync("admission-cancel", "--visitors", "50000");

        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.True(double.Parse(run.Result["rival_bytes_kept"], CultureInfo.InvariantCulture) > 5_000_000, run.Output);
        Assert.All(["bytes_kept", "release_us", "release_alone_us", "rival_release_us", "enter_and_cancel_ns"], figure => Assert.True(run.Result.ContainsKey(figure), figure));
    }
}
