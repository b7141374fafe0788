namespace ScaleKit.RateLimiting.Tests;

public sealed class PolicySetTests
{
    [Fact]
    public async Task KeyLimits_OfOneKey_ReplaceTheLimitForThisKeyAlone()
    {
        using var limiter = new PolicyRateLimiter(new RateLimitOptions { Policies = { ["p"] = new() { Limit = 2, KeyLimits = { ["big"] = 100, ["small"] = 1 } } } });

        Assert.Equal((100, 50), Of(await limiter.AcquireAsync("p", "big", 50)));
        Assert.Equal((1, 0), Of(await limiter.AcquireAsync("P", "small")));
        Assert.Equal((2, 1), Of(await limiter.AcquireAsync("p", "BIG")));
        Assert.False((await limiter.AcquireAsync("p", "small")).IsAcquired);
        Assert.Equal((100, 2), (limiter.GetPolicy("p", "big").Limit, limiter.GetPolicy("p").Limit));
        Assert.Throws<ArgumentOutOfRangeException>(() => limiter.AttemptAcquire("p", "small", 2));
    }

    [Fact]
    public void Create_Reloaded_KeepsThePoliciesThatDidNotChange()
    {
        using var limiter = new PolicyRateLimiter(Options(bigLimit: 100, smallLimit: 1));
        var (plain, big, small) = (limiter.GetPolicy("p"), limiter.GetPolicy("p", "big"), limiter.GetPolicy("p", "small"));

        limiter.Update(Options(bigLimit: 100, smallLimit: 2));

        Assert.Same(plain, limiter.GetPolicy("p"));
        Assert.Same(big, limiter.GetPolicy("p", "big"));
        Assert.NotSame(small, limiter.GetPolicy("p", "small"));
    }

    [Fact]
    public void Create_BadKeyLimits_ThrowsAndNamesThem()
    {
        Assert.Contains("Policy 'p': Limit is 0", Error(new() { KeyLimits = { ["k"] = 0 } }), StringComparison.Ordinal);
        Assert.Contains("is empty", Error(new() { KeyLimits = { [""] = 1 } }), StringComparison.Ordinal);
        Assert.Contains("Policy 'p': QueueLimit is -1; it must be 0 to 1,000,000,000.", Error(new() { QueueLimit = -1 }), StringComparison.Ordinal);
        var many = new RateLimitPolicyOptions();
        for (var i = 0; i < 10_001; i++)
        {
            many.KeyLimits["k" + i] = 1;
        }

        Assert.Contains("Policy 'p': KeyLimits holds 10001 keys; 10,000 at most", Error(many), StringComparison.Ordinal);
    }

    [Fact]
    public void Find_NamesThatAreOtherObjects_FindTheSame()
    {
        using var limiter = new PolicyRateLimiter(new RateLimitOptions { Policies = { ["ab"] = new() { Limit = 1 }, ["ba"] = new() { Limit = 2 } } });
        for (var i = 0; i < 3; i++)
        {
            // Both have one place in the memory of recent names, and each text is a new object.
            Assert.Equal(1, limiter.GetPolicy(new string(['a', 'b'])).Limit);
            Assert.Equal(2, limiter.GetPolicy(new string(['b', 'a'])).Limit);
            Assert.Equal(2, limiter.GetPolicy("BA").Limit);
            Assert.Equal(60, limiter.GetPolicy(new string(['a', 'c'])).Limit);
            Assert.Equal(60, limiter.GetPolicy("").Limit);
        }
    }

    private static RateLimitOptions Options(int bigLimit, int smallLimit) =>
        new() { Policies = { ["p"] = new() { Limit = 2, KeyLimits = { ["big"] = bigLimit, ["small"] = smallLimit } } } };

    private static string Error(RateLimitPolicyOptions policy) =>
        Assert.ThrowsAny<ArgumentException>(() => new PolicyRateLimiter(new RateLimitOptions { Policies = { ["p"] = policy } })).Message;

    private static (int Limit, int Remaining) Of(RateLimitDecision decision) => (decision.Limit, decision.Remaining);
}
