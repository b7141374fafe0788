using System.Globalization;

namespace ScaleKit.Analysis.Tests;

public sealed class CacheStalenessTests
{
    [Fact]
    public async Task Run_FewRoundsAndOneCut_KeepsTheBoundNamesEveryFigureAndDraws()
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync("cache-staleness", "--rounds", "20", "--cuts", "1", "--keys", "20", "--max-staleness-ms", "1000");

        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.Equal(("0", "0", "0"), (run.Result["broken"], run.Result["stale_after_heard"], run.Result["stale_after_heal"]));
        Assert.InRange(double.Parse(run.Result["cut_stale_ms_max"], CultureInfo.InvariantCulture), 0, 1000);
        Assert.All(
            ["remove_p50_times_raw", "remove_p99_times_raw", "remove_p50_us", "remove_p99_us", "raw_p50_us", "raw_p99_us", "cut_stale_ms_p50", "heal_ms_max"],
            figure => Assert.True(run.Result.ContainsKey(figure), figure));
        Assert.Equal(["cache-staleness-cut.svg", "cache-staleness-removals.svg"], folder.Drawings);
    }

    [Theory]
    [InlineData("--redis nowhere", "--redis is 'nowhere'; it must be HOST:PORT.")]
    [InlineData("--redis 127.0.0.1:1", "no Redis answers there")]
    [InlineData("--cuts 0", "--cuts is 0; it must be from 1 to 1000.")]
    public async Task Run_BadArguments_ExitsWith2AndNamesThem(string line, string expected)
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync(["cache-staleness", .. line.Split(' ')]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Errors);
    }
}
