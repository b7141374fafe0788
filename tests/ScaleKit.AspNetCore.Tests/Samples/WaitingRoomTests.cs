using System.Globalization;
using ScaleKit.TestKit;

namespace ScaleKit.AspNetCore.Tests;

/// <summary>Runs samples/WaitingRoom as a user does.</summary>
public sealed class WaitingRoomTests
{
    [Fact]
    public async Task Main_WithoutAServer_KeepsTheCapsAndShowsThePlaces()
    {
        var run = await ProgramRun.OfAsync("WaitingRoom", "--seconds", "6");

        AssertKept(run, nodes: "1");
        Assert.Equal(("0", "0", "0"), (run.Result["broken_connections"], run.Result["seats_back_ms"], run.Result["set_backs"]));
    }

    [Fact]
    public async Task Main_OneOfTwoServersIsKilled_KeepsTheCapsAndTheSeatsComeBack()
    {
        await using var server = await RedisServer.StartAsync();

        var run = await ProgramRun.OfAsync("WaitingRoom", "--seconds", "6", "--redis", server.EndPoint);

        AssertKept(run, nodes: "2");
        Assert.Contains("server B is killed with", run.Output);

        // Not before the lease of five seconds is over: until then the seats may be in use.
        Assert.True(int.Parse(run.Result["seats_back_ms"], CultureInfo.InvariantCulture) is >= 1_000 and <= 20_000, run.Output);
    }

    [Fact]
    public async Task Main_NobodyAnswersForRedis_SaysSo()
    {
        var run = await ProgramRun.OfAsync("WaitingRoom", "--redis", "127.0.0.1:1");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("no Redis answers at 127.0.0.1:1.", run.Errors);
    }

    [Theory]
    [InlineData("--seconds 1", 2, "'--seconds 1' is not understood")]
    [InlineData("--people 5", 2, "'--people 5' is not understood")]
    [InlineData("--redis somewhere", 2, "'--redis somewhere' is not understood")]
    [InlineData("--nonsense", 2, "'--nonsense' is not understood")]
    [InlineData("--help", 0, "--redis HOST:PORT")]
    public async Task Main_OtherArguments_SaysHowToUseIt(string line, int exitCode, string expected)
    {
        var run = await ProgramRun.OfAsync("WaitingRoom", line.Split(' '));

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(expected, run.Output);
    }

    private static void AssertKept(ProgramRun run, string nodes)
    {
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.Equal((nodes, "12"), (run.Result["nodes"], run.Result["most_seats"]));
        Assert.All(["seated", "position_updates"], figure => Assert.True(int.Parse(run.Result[figure], CultureInfo.InvariantCulture) > 0, run.Output));
        Assert.Contains("all 12 seats are taken", run.Output);
    }
}
