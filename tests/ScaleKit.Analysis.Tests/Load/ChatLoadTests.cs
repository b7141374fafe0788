using System.Globalization;

namespace ScaleKit.Analysis.Tests;

public sealed class ChatLoadTests
{
    [Fact]
    public async Task Run_FewPeopleAndTwoSteps_AllIsAnsweredAndTheCapsHold()
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync(
            "load", "--people", "26", "--seats", "24", "--first-rate", "20", "--steps", "2", "--step-seconds", "2", "--warm-up-seconds", "1");

        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.Equal(
            ("0", "0", "24", "8", "0"),
            (run.Result["broken"], run.Result["errors"], run.Result["most_seats"], run.Result["most_in_room"], run.Result["seated_beyond_the_caps"]));

        // Everybody in a room sees what is said there.
        Assert.True(Number("deliveries_per_s") > 4 * Number("carried_per_s"), run.Output);
        Assert.All(["p50_ms", "p95_ms", "p99_ms", "session_check_p50_ms", "session_check_p95_ms"], figure => Assert.True(Number(figure) > 0, figure));

        double Number(string figure) => double.Parse(run.Result[figure], CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Run_BadArguments_ExitsWith2AndNamesThem()
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync("load", "--seats", "801");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--seats is 801; it must be from 1 to 800.", run.Errors, StringComparison.Ordinal);
    }
}
