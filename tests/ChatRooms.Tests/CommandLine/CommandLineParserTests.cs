namespace ChatRooms.Tests;

public sealed class CommandLineParserTests
{
    [Fact]
    public void TryParse_NoArguments_GivesTheDefaults()
    {
        Assert.True(CommandLineParser.TryParse([], out var options, out _));

        Assert.Equal(new ChatOptions(), options);
        Assert.Equal(960, options.Simulate);
    }

    [Fact]
    public void TryParse_EveryOption_IsRead()
    {
        string[] args = ["--simulate", "12", "--seconds=30", "--urls", "http://127.0.0.1:6001", "--redis", "localhost:6379", "--data", "here"];

        Assert.True(CommandLineParser.TryParse(args, out var options, out _));

        Assert.Equal(
            new ChatOptions { Simulate = 12, Seconds = 30, Urls = "http://127.0.0.1:6001", Redis = "localhost:6379", Data = "here" }, options);
    }

    [Theory]
    [InlineData("--nonsense")]
    [InlineData("simulate")]
    [InlineData("--simulate")]
    [InlineData("--simulate", "-1")]
    [InlineData("--simulate", "5001")]
    [InlineData("--simulate", "ten")]
    [InlineData("--seconds", "1")]
    [InlineData("--seconds", "")]
    [InlineData("--seconds", "30.5")]
    [InlineData("--urls", "localhost")]
    [InlineData("--urls", "ftp://localhost")]
    [InlineData("--redis", "localhost")]
    [InlineData("--redis", "localhost:0")]
    [InlineData("--redis", ":6379")]
    [InlineData("--data", "a\0b")]
    public void TryParse_BadArgument_NamesItInOneLine(params string[] args)
    {
        Assert.False(CommandLineParser.TryParse(args, out _, out var error));

        Assert.Contains(args[0], error, StringComparison.Ordinal);
        Assert.DoesNotContain(error!, char.IsControl);
        Assert.True(error!.Length < 200);
    }

    [Fact]
    public void TryParse_HugeUnknownArgument_IsShortened()
    {
        Assert.False(CommandLineParser.TryParse([new string('x', 10_000)], out _, out var error));

        Assert.True(error!.Length < 200);
    }
}
