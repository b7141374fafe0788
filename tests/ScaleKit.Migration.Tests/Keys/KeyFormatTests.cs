using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace ScaleKit.Migration.Tests;

public sealed class KeyFormatTests
{
    [Fact]
    public void TextOrder_AnyTwoTexts_IsTheByteOrderOfUtf8() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll<int[], int[]>((a, b) =>
        {
            var (x, y) = (Text(a), Text(b));
            var bytes = Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y));
            return Math.Sign(KeyFormat.Text.Order.Compare(x, y)) == Math.Sign(bytes);
        }));

    [Fact]
    public void Prefix_AnyPrefixAndKey_ContainsExactlyTheKeysThatBeginWithIt() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll<int[], int[], bool>((a, b, joined) =>
        {
            var prefix = Text(a);
            var key = joined ? prefix + Text(b) : Text(b);
            return KeyRange.Prefix(prefix).Contains(key, KeyFormat.Text.Order) == key.StartsWith(prefix, StringComparison.Ordinal);
        }));

    [Theory]
    [InlineData("a", "b")]
    [InlineData("a\uD7FF", "a\uE000")]
    [InlineData("a\uFFFF", "a\U00010000")]
    [InlineData("a\U0010FFFF", "b")]
    public void Prefix_LastCodePoint_NextOneIsTheBound(string prefix, string upper) => Assert.Equal(upper, KeyRange.Prefix(prefix).Upper);

    [Fact]
    public void Prefix_NothingAbove_HasNoUpperBound()
    {
        Assert.False(KeyRange.Prefix("\U0010FFFF").HasUpper);
        Assert.Equal(default, KeyRange.Prefix(""));
        Assert.Throws<ArgumentException>(() => KeyRange.Prefix("a" + (char)0xD800));
    }

    [Fact]
    public void Formats_RoundTrip()
    {
        var guid = Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e");
        Assert.Equal(guid, KeyFormat.ForGuid.FromText(KeyFormat.ForGuid.ToText(guid)));
        Assert.Equal(long.MinValue, KeyFormat.ForInt64.FromText(KeyFormat.ForInt64.ToText(long.MinValue)));
        Assert.Equal(-5, KeyFormat.ForInt32.FromInteger(KeyFormat.ForInt32.ToInteger(-5)));
    }

    // Mostly letters, with whatever lies around the surrogates.
    private static string Text(int[] numbers) => string.Concat(numbers.Select(static n => (n & 15) switch
    {
        0 => "\uD7FF",
        1 => "\uE000",
        2 => "\uFFFF",
        3 => "\U00010000",
        4 => "\U0010FFFF",
        _ => ((char)('a' + (n & 3))).ToString(),
    }));
}
