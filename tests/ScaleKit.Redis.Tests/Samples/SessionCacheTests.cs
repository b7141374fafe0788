using System.Globalization;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests;

/// <summary>Runs samples/SessionCache as a user does.</summary>
public sealed class SessionCacheTests
{
    [Fact]
    public async Task Main_WithoutAServer_IsStaleWithinTheBoundOnlyAndHeals() => AssertBounded(await ProgramRun.OfAsync("SessionCache", "--users", "5"));

    [Fact]
    public async Task Main_OnRedisBehindARelay_IsStaleWithinTheBoundOnlyAndHeals()
    {
        await using var server = await RedisServer.StartAsync();

        AssertBounded(await ProgramRun.OfAsync("SessionCache", "--users", "5", "--redis", server.EndPoint));
    }

    [Theory]
    [InlineData("--users 0", 2, "'--users 0' is not understood")]
    [InlineData("--redis somewhere", 2, "'--redis somewhere' is not understood")]
    [InlineData("--nonsense", 2, "'--nonsense' is not understood")]
    [InlineData("--help", 0, "--redis HOST:PORT")]
    public async Task Main_OtherArguments_SaysHowToUseIt(string line, int exitCode, string expected)
    {
        var run = await ProgramRun.OfAsync("SessionCache", line.Split(' '));

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(expected, run.Output);
    }

    private static void AssertBounded(ProgramRun run)
    {
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.Equal(("2000", "0", "6"), (run.Result["bound_ms"], run.Result["stale_after_heal"], run.Result["bypassed_reads"]));
        Assert.InRange(int.Parse(run.Result["stale_ms_max"], CultureInfo.InvariantCulture), 0, 2000);
        Assert.True(int.Parse(run.Result["stale_reads"], CultureInfo.InvariantCulture) > 0, "nothing was stale, so nothing was shown: " + run.Output);
        Assert.Contains("uses its memory again", run.Output);
    }
}
