using System.Globalization;
using ScaleKit.TestKit;

namespace ScaleKit.Analysis.Tests;

public sealed class ScaleReportTests
{
    private static readonly string[] Small = ["scale", "--router-keys", "200000", "--limiter-keys", "20000", "--sample-keys", "5000"];

    [Fact]
    public async Task Run_FewKeys_KeepsItsBoundsAndFollowsItsAssumptions()
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync(Small);

        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.Equal(("0", "0", "0", "0"), (run.Result["broken"], run.Result["router_needless_moves"], run.Result["limiter_over_limit"], run.Result["limiter_keys_sharing_a_window"]));
        Assert.Equal(("25000", "250000", "500000"), (run.Result["10m_queries_per_s_peak"], run.Result["100m_queries_per_s_peak"], run.Result["200m_queries_per_s_peak"]));
        Assert.Equal("10", run.Result["200m_user_shards"]);
        Assert.True(Number(run, "200m_cost_per_month") > Number(run, "10m_cost_per_month"), run.Output);
        Assert.InRange(Number(run, "200m_redis_gib") / Number(run, "10m_redis_gib"), 19.9, 20.1);
        Assert.Equal(["scale-costs.svg", "scale-prices.json"], folder.Drawings);
        Assert.Contains("Redis memory", folder.Read("scale-costs.svg"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_PricesOfTheReader_MakeTheBill()
    {
        using var folder = new AnalysisFolder();
        var prices = Path.GetTempFileName();
        await File.WriteAllTextAsync(prices, """{"currency":"EUR","appCore":0,"redisGib":0,"databaseShard":7,"databaseGib":0,"trafficGib":0}""");

        var run = await folder.RunAsync([.. Small, "--prices", prices, "--shard-gib", "10"]);
        File.Delete(prices);

        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.Equal((19 * 2 * 7).ToString(CultureInfo.InvariantCulture), run.Result["200m_cost_per_month"]);
        Assert.Contains("EUR a month", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--hit-percent 70", "--hit-percent counts both levels")]
    [InlineData("--active-percent 101", "--active-percent is 101; it must be from 0 to 100.")]
    [InlineData("--prices no-such-file", "'no-such-file' cannot be read as a list of prices")]
    public async Task Run_BadArguments_ExitsWith2AndNamesThem(string line, string expected)
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync([.. Small, .. line.Split(' ')]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Errors, StringComparison.Ordinal);
    }

    private static double Number(ProgramRun run, string figure) => double.Parse(run.Result[figure], CultureInfo.InvariantCulture);
}
