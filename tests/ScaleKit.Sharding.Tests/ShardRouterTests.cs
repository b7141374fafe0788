using System.Text;
using ScaleKit.TestKit;

namespace ScaleKit.Sharding.Tests;

public sealed class ShardRouterTests
{
    private static readonly SlotTopology<int> Hundred = Some.Slots(100);

    [Fact]
    public void Route_EveryKindOfKey_IsTheOwnerOfItsHash()
    {
        var router = new ShardRouter<int>(Hundred);
        for (var i = 0; i < 1_000; i++)
        {
            var text = $"user:{i}:ж";
            var guid = new Guid(i, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

            Assert.Same(Hundred.ShardOf(KeyHash.Of(text)), router.Route(text));
            Assert.Same(router.Route(text), router.Route(text.AsSpan()));
            Assert.Same(router.Route(text), router.RouteUtf8(Encoding.UTF8.GetBytes(text)));
            Assert.Same(Hundred.ShardOf(KeyHash.Of(i)), router.Route(i));
            Assert.Same(router.Route(i), router.Route((long)i));
            Assert.Same(router.Route(i), router.Route((ulong)i));
            Assert.Same(Hundred.ShardOf(KeyHash.Of(guid)), router.Route(guid));
            Assert.Same(Hundred.ShardOf(KeyHash.Of(guid)), router.RouteHash(KeyHash.Of(guid)));
        }
    }

    [Fact]
    public void Route_ManyKeys_EveryShardGetsItsShareWithinSamplingNoise()
    {
        const int Keys = 200_000;
        var router = new ShardRouter<int>(Hundred);
        var counts = new int[100];
        for (var i = 0; i < Keys; i++)
        {
            counts[router.Route($"user:{i}").Payload]++;
        }

        // Six standard deviations of a binomial sample: a biased hash fails, a fair one does not.
        var sigma = Math.Sqrt(Keys * 0.01 * 0.99);
        Assert.All(counts, c => Assert.InRange(c, (Keys / 100) - (6 * sigma), (Keys / 100) + (6 * sigma)));
    }

    [Fact]
    public void Route_NullKey_Throws() => Assert.Throws<ArgumentNullException>(() => new ShardRouter<int>(Hundred).Route((string)null!));

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("\ud800")]
    [InlineData("😀\udc00")]
    public void Route_StrangeKey_HasAShard(string key) =>
        Assert.Same(
            new ShardRouter<int>(Hundred).RouteUtf8(Encoding.UTF8.GetBytes(key)),
            new ShardRouter<int>(Hundred).Route(key));

    [Fact]
    public void Route_KeyAtTheLimit_IsRouted_OneByteOver_IsRefused()
    {
        var router = new ShardRouter<int>(Hundred, new ShardRouterOptions { MaximumKeyLength = 9 });

        router.Route("жжжж1");
        router.Route("123456789");
        router.RouteUtf8("123456789"u8);

        Assert.Equal("key", Assert.Throws<ArgumentException>(() => router.Route("жжжж12")).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentException>(() => router.Route("\ud800\ud800\ud8001")).ParamName);
        Assert.Equal("utf8Key", Assert.Throws<ArgumentException>(() => router.RouteUtf8("1234567890"u8)).ParamName);
    }

    [Fact]
    public void Route_HugeHostileKey_IsRefusedWithAShortEscapedMessage()
    {
        var key = "\u001b[31m\n" + new string('x', 10_000_000);

        var error = Assert.Throws<ArgumentException>(() => new ShardRouter<int>(Hundred).Route(key));

        Assert.InRange(error.Message.Length, 1, 300);
        Assert.DoesNotContain(error.Message, c => char.IsControl(c));
        Assert.Contains("4096", error.Message);
    }

    [Fact]
    public void Route_HashTagsOn_KeysWithOneTagShareAShard()
    {
        var router = new ShardRouter<int>(Hundred, new ShardRouterOptions { UseHashTags = true });

        Assert.Same(router.Route("42"), router.Route("{42}.messages"));
        Assert.Same(router.Route("42"), router.RouteUtf8("session:{42}"u8));
    }

    [Fact]
    public void Route_HashTagsOff_BracesAreOrdinaryCharacters()
    {
        var router = new ShardRouter<int>(Hundred);
        Assert.Contains(Enumerable.Range(0, 10), i => router.Route($"{{{i}}}.messages") != router.Route($"{i}"));
    }

    [Fact]
    public void Route_EveryKind_AllocatesNothing()
    {
        var router = new ShardRouter<int>(Some.Slots(1000), new ShardRouterOptions { UseHashTags = true });
        var longKey = new string('ж', 2_000);

        Assert.Equal(0, Allocated.By(() => router.Route("user:{42}")));
        Assert.Equal(0, Allocated.By(() => router.Route(longKey)));
        Assert.Equal(0, Allocated.By(() => router.RouteUtf8("user:42"u8)));
        Assert.Equal(0, Allocated.By(() => router.Route(42)));
        Assert.Equal(0, Allocated.By(() => router.Route(42UL)));
        Assert.Equal(0, Allocated.By(() => router.Route(Guid.Empty)));
    }

    [Fact]
    public void Constructor_NullTopology_Throws() => Assert.Throws<ArgumentNullException>(() => new ShardRouter<int>(null!));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1_048_577)]
    public void Constructor_BadMaximumKeyLength_Throws(int limit) => Assert.Throws<ArgumentOutOfRangeException>(
        () => new ShardRouter<int>(Hundred, new ShardRouterOptions { MaximumKeyLength = limit }));

    [Fact]
    public void Constructor_BadName_Throws() =>
        Assert.Throws<ArgumentException>(() => new ShardRouter<int>(Hundred, new ShardRouterOptions { Name = "a\nb" }));

    [Fact]
    public void Constructor_OptionsChangedAfterwards_ChangesNothing()
    {
        var options = new ShardRouterOptions();
        var router = new ShardRouter<int>(Hundred, options);

        options.MaximumKeyLength = 1;
        options.Enabled = false;

        Assert.NotNull(router.Route("longer than one"));
        Assert.True(router.IsEnabled);
    }
}
