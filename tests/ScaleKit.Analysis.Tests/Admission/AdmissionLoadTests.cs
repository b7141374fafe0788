namespace ScaleKit.Analysis.Tests;

public sealed class AdmissionLoadTests
{
    [Fact]
    public async Task Run_ManyWebSockets_AllAreSeatedAndTheCapsHold()
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync(
            "admission-load", "--connections", "300", "--seats", "20", "--room-seats", "4", "--active-rooms", "6", "--rooms", "10", "--stay-ms", "5");

        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.Equal(
            ("0", "0", "0", "0"),
            (run.Result["broken"], run.Result["not_seated"], run.Result["seats_left_over"], run.Result["waiters_left_over"]));
        Assert.All(
            ["connections", "seated_per_s", "rival_seated_per_s", "times_rival", "wait_ms_p50", "wait_ms_p99", "most_seats", "most_in_room", "most_rooms"],
            figure => Assert.True(run.Result.ContainsKey(figure), figure));
    }
}
