using System.Globalization;
using ScaleKit.TestKit;

namespace ScaleKit.Analysis.Tests;

public sealed class WindowAccuracyTests
{
    [Fact]
    public async Task Run_InThisProcess_NoWindowAboveTheLimitAndTheAttackWorksOnTheRivals()
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync("window-accuracy", "--windows", "80");

        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.All(
            from traffic in new[] { "edges", "poisson", "bursts" }
            from limiter in new[] { "exact", "scalekit16", "scalekit64" }
            select $"{traffic}_{limiter}_most",
            figure => Assert.Equal("1", run.Result[figure]));
        Assert.All(["edges_fixed_most", "edges_two_counters_most", "edges_gcra_most"], figure => Assert.True(Number(run, figure) > 1.9, run.Output));
        Assert.Equal(["window-accuracy-most.svg", "window-accuracy-total.svg"], folder.Drawings);
    }

    [Fact]
    public async Task Run_NodesOnRedisWithClocksHoursApart_NoWindowAboveTheLimit()
    {
        await using var server = await RedisServer.StartAsync();
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync(
            "window-accuracy", "--windows", "8", "--nodes", "3", "--redis", server.EndPoint, "--redis-windows", "4", "--redis-window-ms", "700");

        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.All(["redis_edges_scalekit_most", "redis_poisson_scalekit_most", "redis_bursts_scalekit_most"], figure => Assert.InRange(Number(run, figure), 0.1, 1));
        Assert.True(Number(run, "redis_edges_sorted_set_most") > 1, "clocks hours apart misled nobody, so nothing was shown: " + run.Output);
    }

    private static double Number(ProgramRun run, string figure) => double.Parse(run.Result[figure], CultureInfo.InvariantCulture);
}
