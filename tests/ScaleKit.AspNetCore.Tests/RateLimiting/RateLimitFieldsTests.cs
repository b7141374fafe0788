using Microsoft.AspNetCore.Http;
using ScaleKit.RateLimiting;

namespace ScaleKit.AspNetCore.Tests;

public sealed class RateLimitFieldsTests
{
    [Theory]
    [InlineData("default", "\"default\"")]
    [InlineData("auth/login", "\"auth/login\"")]
    [InlineData("say \"hi\" \\ 100%", "\"say \\\"hi\\\" \\\\ 100%\"")]
    [InlineData("grüße, 100% \"so\"", "\"gr%c3%bc%c3%9fe, 100%25 \\\"so\\\"\"")]
    [InlineData("\U0001F600", "\"%f0%9f%98%80\"")]
    public void Quoted_AnyName_IsAStringOfRfc9651(string name, string expected)
    {
        var quoted = RateLimitFields.Quoted(name);
        Assert.Equal(expected, quoted);
        Assert.True(quoted.All(c => c is >= ' ' and <= '~'));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(TimeSpan.TicksPerSecond, 1)]
    [InlineData(TimeSpan.TicksPerSecond + 1, 2)]
    [InlineData(366 * TimeSpan.TicksPerDay, 31_622_400)]
    public void WholeSeconds_AnyTime_IsRoundedUp(long ticks, long seconds) =>
        Assert.Equal(seconds, RateLimitFields.WholeSeconds(TimeSpan.FromTicks(ticks)));

    [Fact]
    public void Write_SeveralPolicies_ListsThemAndTheStateOfOne()
    {
        var minute = new RateLimitPolicy("minute", 10, TimeSpan.FromMinutes(1));
        var blink = new RateLimitPolicy("blink", 1, TimeSpan.FromMilliseconds(200));
        var headers = new HeaderDictionary();
        RateLimitFields.Write(headers, [minute, blink], RateLimitDecision.Refused(blink, 0, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(9)));
        Assert.Equal("\"minute\";q=10;w=60, \"blink\";q=1;w=1", headers["RateLimit-Policy"].ToString());
        Assert.Equal("\"blink\";r=0;t=1", headers["RateLimit"].ToString());
    }

    [Fact]
    public void StateItem_Acquired_CountsToTheReset() => Assert.Equal(
        "\"p\";r=4;t=8",
        RateLimitFields.StateItem(RateLimitDecision.Acquired(new RateLimitPolicy("p", 5, TimeSpan.FromSeconds(9)), 4, TimeSpan.FromSeconds(7.1))));
}
