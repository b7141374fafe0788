namespace ScaleKit.Caching.Tests;

public sealed class PrintableTests
{
    [Fact]
    public void Of_OddText_IsShortAndHarmless()
    {
        Assert.Equal("", Printable.Of(""));
        Assert.Equal("a ä", Printable.Of("a ä"));
        Assert.Equal("\\u000a\\u001b\\ud800\\u0085", Printable.Of("\n\u001b\ud800\u0085"));
        Assert.Equal(new string('x', 64) + "…", Printable.Of(new string('x', 100_000)));
    }
}
