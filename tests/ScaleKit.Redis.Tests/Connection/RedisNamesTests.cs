using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace ScaleKit.Redis.Tests.Connection;

public sealed class RedisNamesTests
{
    private static readonly RedisNames Names = new("app");

    [Theory]
    [InlineData("user:42", "app:area:{user:42}:x")]
    [InlineData("", "app:area:{%-}:x")]
    [InlineData("a}b{c%d", "app:area:{a%7db%7bc%25d}:x")]
    [InlineData("é\r\n", "app:area:{%c3%a9%0d%0a}:x")]
    [InlineData("😀", "app:area:{%f0%9f%98%80}:x")]
    public void Name_Tag_IsReadableAndInert(string tag, string expected) => Assert.Equal(expected, Text(Names.Name("area", tag, ":x")));

    [Fact]
    public void Name_LoneSurrogates_StayDifferent()
    {
        Assert.Equal("app:area:{%ud800}", Text(Names.Name("area", "\ud800")));
        Assert.Equal("app:area:{%udfff}", Text(Names.Name("area", "\udfff")));
    }

    [Fact]
    public void Name_HugeTags_AreHashedAndStayDifferent()
    {
        var one = Text(Names.Name("area", new string('\ud800', 10_000)));
        var other = Text(Names.Name("area", new string('\ud801', 10_000)));

        Assert.NotEqual(one, other);
        Assert.True(one.Length < 100);
    }

    [Fact]
    public void Name_AnyTwoTags_HaveTheSameNameOnlyWhenEqual()
    {
        // All UTF-16, weighted towards what the escape treats specially.
        var unit = Gen.OneOf(
            Gen.Elements('{', '}', '%', '-', 'h', 'u', 'd', '8', '0', ':'), Gen.Choose(0, 0xFFFF).Select(i => (char)i));
        var tag = Gen.ListOf(unit).Select(units => new string([.. units]));
        var pairs = Gen.Zip(tag, tag).ToArbitrary();

        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(5_000),
            Prop.ForAll(pairs, pair => string.Equals(pair.Item1, pair.Item2, StringComparison.Ordinal) == (Text(Names.Name("a", pair.Item1)) == Text(Names.Name("a", pair.Item2)))));
    }

    [Fact]
    public void Name_AnyTag_HasOneHashTagThatIsNotEmpty()
    {
        var tags = Gen.ListOf(Gen.Choose(0, 0xFFFF).Select(i => (char)i)).Select(units => new string([.. units])).ToArbitrary();

        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(2_000),
            Prop.ForAll(tags, tag =>
            {
                var name = Text(Names.Name("a", tag, ":s"));
                var (open, close) = (name.IndexOf('{', StringComparison.Ordinal), name.IndexOf('}', StringComparison.Ordinal));
                return open == 6 && close > open + 1 && name[close..] == "}:s" && name.All(c => c is >= ' ' and <= '~');
            }));
    }

    [Theory]
    [InlineData("user:42")]
    [InlineData("a}b{c%d é 😀")]
    public void Name_AnyTag_IsOneAllocation(string tag)
    {
        var length = Names.Name("area", tag, ":x").ToBytes().Length;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            Names.Name("area", tag, ":x");
        }

        // An array's header and its bytes, rounded up to eight.
        Assert.Equal(1_000L * ((24 + length + 7) / 8 * 8), GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static string Text(RedisName name) => Encoding.UTF8.GetString(name.ToBytes());
}
