using System.Globalization;
using ScaleKit.TestKit;

namespace ScaleKit.Analysis.Tests;

public sealed class CacheLoadTests
{
    [Fact]
    public async Task Run_OnANamedServer_OneFactoryForAColdKeyAndNoMiss()
    {
        await using var server = await RedisServer.StartAsync();
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync(
            "cache-load", "--redis", server.EndPoint, "--calls", "640", "--laps", "1", "--cold-callers", "100", "--cold-rounds", "2");

        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.Equal(("0", "1", "0", "0"), (run.Result["broken"], run.Result["cold_factory_calls"], run.Result["cold_other_values"], run.Result["l2_misses"]));
        Assert.All(["l2_ops_times_raw", "l2_ops_per_s", "raw_ops_per_s", "l2_bytes_beyond_value", "raw_bytes_beyond_value"], figure => Assert.True(run.Result.ContainsKey(figure), figure));
        Assert.True(double.Parse(run.Result["cold_ms_p50"], CultureInfo.InvariantCulture) >= 45, run.Output);
    }
}
