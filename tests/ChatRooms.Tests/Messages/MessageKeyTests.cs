namespace ChatRooms.Tests;

public sealed class MessageKeyTests
{
    [Fact]
    public void Of_RoomAndNumber_ReadsBack()
    {
        var key = MessageKey.Of("amber-fox", 123);

        Assert.Equal("amber-fox/000000000123", key);
        Assert.Equal("amber-fox", MessageKey.RoomOf(key));
        Assert.Equal(123, MessageKey.NumberOf(key));
    }

    [Theory]
    [InlineData(9, 10)]
    [InlineData(99, 100)]
    [InlineData(1, 999_999_999_999)]
    public void Of_LargerNumber_SortsLater(long smaller, long larger) =>
        Assert.True(string.CompareOrdinal(MessageKey.Of("r", smaller), MessageKey.Of("r", larger)) < 0);

    [Theory]
    [InlineData("1", true)]
    [InlineData("000000000123", true)]
    [InlineData("", false)]
    [InlineData("0", false)]
    [InlineData("-1", false)]
    [InlineData("+1", false)]
    [InlineData(" 1", false)]
    [InlineData("0000000000123", false)]
    [InlineData("1e3", false)]
    [InlineData("9999999999999999999999", false)]
    [InlineData("١٢", false)]
    [InlineData("amber-fox/000000000123", false)]
    public void TryCursor_Text_IsOneToTwelveDigits(string text, bool isCursor) => Assert.Equal(isCursor, MessageKey.TryCursor(text, out _));
}
