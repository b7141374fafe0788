namespace ChatRooms.Tests;

public sealed class TextRulesTests
{
    [Theory]
    [InlineData("Ada", true)]
    [InlineData("  Ada  ", true)]
    [InlineData("Žofie O'Neil-2", true)]
    [InlineData("山田", true)]
    [InlineData("नमस्ते", true)]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("   ", false)]
    [InlineData("<script>alert(1)</script>", false)]
    [InlineData("a\"onload=", false)]
    [InlineData("a&b", false)]
    [InlineData("../../etc", false)]
    [InlineData("a\nb", false)]
    [InlineData("a\u202Eb", false)]
    [InlineData("a\uD800b", false)]
    [InlineData("1234567890123456789012345", false)]
    public void TryNickname_Text_FollowsTheRule(string? text, bool isAllowed) => Assert.Equal(isAllowed, TextRules.TryNickname(text, out _, out _));

    [Theory]
    [InlineData("<script>alert(1)</script>", true)]
    [InlineData("two\nlines", true)]
    [InlineData("", false)]
    [InlineData(" ", false)]
    [InlineData(null, false)]
    [InlineData("bell\a", false)]
    [InlineData("half \uDC00", false)]
    public void TryMessage_Text_FollowsTheRule(string? text, bool isAllowed) => Assert.Equal(isAllowed, TextRules.TryMessage(text, out _, out _));

    [Fact]
    public void TryMessage_OneCharacterTooMany_IsRefused()
    {
        Assert.True(TextRules.TryMessage(new string('x', 500), out _, out _));
        Assert.False(TextRules.TryMessage(new string('x', 501), out _, out _));
    }
}
