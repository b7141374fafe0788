using System.Globalization;
using ScaleKit.TestKit;

namespace ScaleKit.AspNetCore.Tests;

/// <summary>Runs samples/EndpointLimits as a user does.</summary>
public sealed class EndpointLimitsTests
{
    [Fact]
    public async Task Main_WithoutAServer_KeepsEveryLimitAndPromiseAndFollowsItsFile() =>
        AssertKept(await ProgramRun.OfAsync("EndpointLimits", "--seconds", "6", "--window", "2"), nodes: "1");

    [Fact]
    public async Task Main_TwoNodesOnRedis_ShareTheLimits()
    {
        await using var server = await RedisServer.StartAsync();

        AssertKept(await ProgramRun.OfAsync("EndpointLimits", "--seconds", "6", "--window", "2", "--redis", server.EndPoint), nodes: "2");
    }

    [Fact]
    public async Task Main_NobodyAnswersForRedis_SaysSo()
    {
        var run = await ProgramRun.OfAsync("EndpointLimits", "--redis", "127.0.0.1:1");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("no Redis answers at 127.0.0.1:1.", run.Errors);
    }

    [Theory]
    [InlineData("--seconds 1", 2, "'--seconds 1' is not understood")]
    [InlineData("--window 0", 2, "'--window 0' is not understood")]
    [InlineData("--redis somewhere", 2, "'--redis somewhere' is not understood")]
    [InlineData("--nonsense", 2, "'--nonsense' is not understood")]
    [InlineData("--help", 0, "--redis HOST:PORT")]
    public async Task Main_OtherArguments_SaysHowToUseIt(string line, int exitCode, string expected)
    {
        var run = await ProgramRun.OfAsync("EndpointLimits", line.Split(' '));

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(expected, run.Output);
    }

    private static void AssertKept(ProgramRun run, string nodes)
    {
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.Equal((nodes, "0", "0"), (run.Result["nodes"], run.Result["errors"], run.Result["retry_broken"]));
        Assert.InRange(double.Parse(run.Result["most_of_limit"], CultureInfo.InvariantCulture), 0.1, 1);
        Assert.All(
            ["sent", "admitted", "refused", "would_refuse", "retry_kept"],
            figure => Assert.True(int.Parse(run.Result[figure], CultureInfo.InvariantCulture) > 0, $"no {figure}, so nothing was shown: {run.Output}"));
        Assert.Contains("GET /workspaces/export (costs 10)", run.Output);
    }
}
