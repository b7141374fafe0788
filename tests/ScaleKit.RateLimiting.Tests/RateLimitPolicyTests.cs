namespace ScaleKit.RateLimiting.Tests;

public sealed class RateLimitPolicyTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Constructor_WithinRanges_KeepsThem()
    {
        var policy = new RateLimitPolicy("workspaces/data:write", 30, Minute);
        Assert.Equal(("workspaces/data:write", 30, Minute, 16), (policy.Name, policy.Limit, policy.Window, policy.Buckets));
        Assert.Equal("workspaces/data:write: 30 in 00:01:00 (16 buckets)", policy.ToString());
        _ = new RateLimitPolicy("\ud83d\ude80", RateLimitPolicy.MaximumLimit, RateLimitPolicy.MaximumWindow, RateLimitPolicy.MaximumBuckets);
        _ = new RateLimitPolicy(new string('n', 128), 1, RateLimitPolicy.MinimumWindow, 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(1_000_000_001)]
    public void Constructor_LimitOutOfRange_NamesPolicyValueAndRange(int limit)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new RateLimitPolicy("p", limit, Minute));
        Assert.StartsWith($"Policy 'p': Limit is {limit}; it must be 1 to 1,000,000,000.", error.Message, StringComparison.Ordinal);
        Assert.Equal("limit", error.ParamName);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(9_999)]
    [InlineData(long.MaxValue)]
    public void Constructor_WindowOutOfRange_NamesPolicyValueAndRange(long ticks)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new RateLimitPolicy("p", 1, TimeSpan.FromTicks(ticks)));
        Assert.Contains($"Window is {TimeSpan.FromTicks(ticks):c}; it must be 00:00:00.001 (1 ms) to 366.00:00:00 (366 days)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    public void Constructor_BucketsOutOfRange_NamesPolicyValueAndRange(int buckets)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new RateLimitPolicy("p", 1, Minute, buckets));
        Assert.Contains($"Buckets is {buckets}; it must be 1 to 1,024", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_000_001)]
    public void LeaseLimit_OutOfRange_NamesPolicyValueAndRange(int permits)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new RateLimitPolicy("p", 1, Minute) { LeaseLimit = permits });
        Assert.Contains($"Policy 'p': LeaseLimit is {permits}; it must be 0 to 1,000,000,000", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("\u007f")]
    public void Constructor_NameUnfit_SaysSo(string name) => Assert.Equal("name", Assert.Throws<ArgumentException>(() => new RateLimitPolicy(name, 1, Minute)).ParamName);

    // Not InlineData: half a surrogate pair does not survive the test runner's own text.
    [Fact]
    public void Constructor_NameWithHalfASurrogatePair_SaysSo()
    {
        Assert.Throws<ArgumentException>(() => new RateLimitPolicy("\ud800", 1, Minute));
        Assert.Throws<ArgumentException>(() => new RateLimitPolicy("a\udc00b", 1, Minute));
    }

    [Fact]
    public void Constructor_NameNullOrTooLong_SaysSo()
    {
        Assert.Throws<ArgumentNullException>(() => new RateLimitPolicy(null!, 1, Minute));
        Assert.Contains("(129 characters)", Assert.Throws<ArgumentOutOfRangeException>(() => new RateLimitPolicy(new string('n', 129), 1, Minute)).Message, StringComparison.Ordinal);
    }
}
