using System.Globalization;
using ScaleKit.TestKit;

namespace ScaleKit.Analysis.Tests;

public sealed class AdmissionFairnessTests
{
    [Fact]
    public async Task Run_MostWantFewRooms_EveryRoomGetsItsShareAndTheRivalsShowTheDifference()
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync("admission-fairness", "--visitors", "10000");

        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.Equal(("0", "8", "0"), (run.Result["broken"], run.Result["scalekit_most_in_room"], run.Result["overtakings_in_a_room"]));
        Assert.True(Number(run, "scalekit_jain") > Number(run, "two_semaphores_jain"), run.Output);
        Assert.True(Number(run, "two_semaphores_jain") > Number(run, "one_line_jain"), run.Output);
        Assert.True(Number(run, "one_line_most_in_room") > 8, run.Output);
        Assert.Equal(["admission-fairness-one_line.svg", "admission-fairness-scalekit.svg", "admission-fairness-two_semaphores.svg"], folder.Drawings);
    }

    /// <summary>As many seats as anybody asks for: nobody waits, and all lines are the same.</summary>
    [Fact]
    public async Task Run_SeatsForAll_NobodyIsTreatedBetter()
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync(
            "admission-fairness", "--visitors", "2000", "--seats", "1000", "--room-seats", "1000", "--rooms", "8", "--offered-percent", "10");

        Assert.Equal((run.Result["one_line_jain"], "1"), (run.Result["scalekit_jain"], run.Result["scalekit_light_served"]));
    }

    private static double Number(ProgramRun run, string figure) => double.Parse(run.Result[figure], CultureInfo.InvariantCulture);
}
