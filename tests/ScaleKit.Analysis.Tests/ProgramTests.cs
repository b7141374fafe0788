using ScaleKit.TestKit;

namespace ScaleKit.Analysis.Tests;

public sealed class ProgramTests
{
    [Theory]
    [InlineData]
    [InlineData("--help")]
    public async Task Main_NothingAsked_ListsEveryCommandWithItsOptions(params string[] arguments)
    {
        var run = await ProgramRun.OfAsync("ScaleKit.Analysis", arguments);

        Assert.Equal(0, run.ExitCode);
        Assert.All(["ring-balance", "ring-movement", "plan", "--wave-bytes"], name => Assert.Contains(name, run.Output));
    }

    [Theory]
    [InlineData("no-such-command", "")]
    [InlineData("plan --no-such-option 1", "'--no-such-option' is not an option of plan")]
    [InlineData("plan --from", "'--from' is not an option of plan with a value")]
    [InlineData("plan --from many", "--from is 'many'; it must be a whole number")]
    [InlineData("plan --from 0", "--from is 0; it must be from 1 to 65536")]
    [InlineData("plan --to 65537", "--to is 65537; it must be from 1 to 65536")]
    [InlineData("ring-balance --keys 0", "--keys is 0; it must be from 1 to")]
    [InlineData("plan --bytes-per-row 0", "BytesPerRow must be from 1 to")]
    public async Task Main_BadArguments_ExitsWith2AndNamesThem(string line, string expected)
    {
        var run = await ProgramRun.OfAsync("ScaleKit.Analysis", line.Split(' '));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Errors);
        Assert.DoesNotContain("RESULT", run.Output);
    }
}
