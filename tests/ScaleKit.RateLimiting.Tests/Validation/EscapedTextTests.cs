namespace ScaleKit.RateLimiting.Tests;

public sealed class EscapedTextTests
{
    [Fact]
    public void Of_AnyText_IsQuotedShortenedAndOnOneLine()
    {
        Assert.Equal("null", EscapedText.Of(null));
        Assert.Equal("''", EscapedText.Of(""));
        Assert.Equal("'auth/login \u00e9'", EscapedText.Of("auth/login \u00e9"));
        Assert.Equal("'a\\u000D\\u000Ab\\u001B[0m\\u202E\\u2028\\uD800'", EscapedText.Of("a\r\nb\u001b[0m\u202e\u2028\ud800"));
        Assert.Equal("'" + new string('x', 64) + "'... (5000 characters)", EscapedText.Of(new string('x', 5000)));
    }
}
