namespace ScaleKit.RateLimiting.Tests;

public sealed class RateLimitChargeTests
{
    private static readonly RateLimitPolicy Policy = new("p", 5, TimeSpan.FromSeconds(1));

    [Fact]
    public void Constructor_WithinRanges_KeepsThem()
    {
        var charge = new RateLimitCharge(Policy, new string('\udc00', RateLimitCharge.MaximumKeyLength), 5);
        Assert.Equal((Policy, RateLimitCharge.MaximumKeyLength, 5), (charge.Policy, charge.Key.Length, charge.Permits));
        Assert.Equal(1, new RateLimitCharge(Policy, "k").Permits);
        Assert.Equal(0, new RateLimitCharge(Policy, "k", 0).Permits);
    }

    [Fact]
    public void Constructor_OutOfRange_NamesTheArgument()
    {
        Assert.Equal("policy", Assert.Throws<ArgumentNullException>(() => new RateLimitCharge(null!, "k")).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => new RateLimitCharge(Policy, null!)).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentException>(() => new RateLimitCharge(Policy, "")).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentOutOfRangeException>(() => new RateLimitCharge(Policy, new string('k', 257))).ParamName);
        Assert.Equal("permits", Assert.Throws<ArgumentOutOfRangeException>(() => new RateLimitCharge(Policy, "k", -1)).ParamName);
        Assert.Equal("permits", Assert.Throws<ArgumentOutOfRangeException>(() => new RateLimitCharge(Policy, "k", 6)).ParamName);
    }
}
