namespace ScaleKit.Sharding.Tests;

public sealed class RouteTokenTests
{
    [Fact]
    public void Route_WithToken_IsTheSameShardWithVersionAndHash()
    {
        var router = new ShardRouter<int>(Some.Slots(40, version: 12));

        Assert.Same(router.Route("a"), router.Route("a", out var text));
        Assert.Same(router.Route(5L), router.Route(5L, out var number));
        Assert.Same(router.Route(Guid.Empty), router.Route(Guid.Empty, out var guid));

        Assert.Equal(new RouteToken(12, KeyHash.Of("a")), text);
        Assert.Equal(new RouteToken(12, KeyHash.Of(5)), number);
        Assert.Equal(new RouteToken(12, KeyHash.Of(Guid.Empty)), guid);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(long.MaxValue, ulong.MaxValue)]
    public void TryParse_OwnText_IsTheToken(long version, ulong hash)
    {
        Assert.True(RouteToken.TryParse(new RouteToken(version, hash).ToString(), out var token));
        Assert.Equal(new RouteToken(version, hash), token);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1-")]
    [InlineData("-1-0000000000000000")]
    [InlineData("0-0000000000000000")]
    [InlineData("1-000000000000000g")]
    [InlineData("1-00000000000000000")]
    [InlineData("99999999999999999999-0000000000000000")]
    [InlineData(" 1-0000000000000000")]
    public void TryParse_AnythingElse_IsNot(string? text) => Assert.False(RouteToken.TryParse(text, out _));
}
