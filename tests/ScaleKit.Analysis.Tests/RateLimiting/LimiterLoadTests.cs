using ScaleKit.TestKit;

namespace ScaleKit.Analysis.Tests;

public sealed class LimiterLoadTests
{
    [Fact]
    public async Task Run_OnANamedServer_EveryAnswerIsRightAndARefusalAsksNobody()
    {
        await using var server = await RedisServer.StartAsync();
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync("limiter-load", "--redis", server.EndPoint, "--calls", "640", "--laps", "1", "--keys", "50");

        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.Equal(("0", "0", "0"), (run.Result["broken"], run.Result["wrong_answers"], run.Result["refused_commands"]));
        Assert.All(
            from load in new[] { "one_key", "many_keys", "refused", "one_caller" }
            from figure in new[] { "times_rival", "calls_per_s", "rival_calls_per_s", "p50_us", "p99_us", "rival_p99_us", "commands_per_call", "rival_commands_per_call" }
            select $"{load}_{figure}",
            figure => Assert.True(run.Result.ContainsKey(figure), figure));
    }
}
