using System.Text;
using ScaleKit.TestKit;

namespace ScaleKit.Sharding.Tests;

public sealed class RouteTokenFuzzTests
{
    [Fact]
    public void TryParse_SpoiltTokens_AreRefusedOrTheirOwnTextAndCostNothing()
    {
        var fuzzer = new Fuzzer([.. new[] { new RouteToken(1, 0), new(long.MaxValue, ulong.MaxValue), new(42, KeyHash.Of("a")) }.Select(static t => Encoding.UTF8.GetBytes(t.ToString()))])
        { Allowance = 0, BytesPerByte = 0 };
        var odd = "";

        var counts = fuzzer.RunText(text =>
        {
            var isToken = RouteToken.TryParse(text, out var token);
            odd = isToken && token.Version < 1 ? text : odd;
            return isToken;
        });

        Assert.Equal("", odd);
        Assert.True(counts is { Read: > 0, Refused: > 0 }, counts.ToString());
    }
}
