namespace ScaleKit.RateLimiting.Tests;

public sealed class KeyListsTests
{
    [Fact]
    public async Task AcquireAsync_AllowedKey_IsLetThroughUncountedWhateverThePolicy()
    {
        using var limiter = new PolicyRateLimiter(new RateLimitOptions { AllowedKeys = { "probe" }, Policies = { ["p"] = new() { Limit = 1, QueueLimit = 5 } } });
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal((RateLimitOutcome.Bypassed, true), Summary(await limiter.AcquireAsync("p", "probe")));
            Assert.Equal((RateLimitOutcome.Bypassed, true), Summary(limiter.AttemptAcquire("p", "probe")));
        }

        Assert.True(await limiter.SettleAsync("p", "probe", 1, 5));
        Assert.Equal((RateLimitOutcome.Acquired, true), Summary(await limiter.AcquireAsync("p", "Probe")));
    }

    [Fact]
    public async Task AcquireAsync_DeniedKey_IsRefusedUncountedAlsoInShadowMode()
    {
        using var limiter = new PolicyRateLimiter(new RateLimitOptions { DeniedKeys = { "thief" }, Policies = { ["p"] = new() { Shadow = true }, ["q"] = new() { QueueLimit = 5 } } });

        foreach (var policy in (string[])["p", "q", "unknown"])
        {
            var denied = await limiter.AcquireAsync(policy, "thief");
            Assert.Equal((RateLimitOutcome.Denied, false), Summary(denied));
            Assert.Equal((0, TimeSpan.FromMinutes(1)), (denied.Remaining, denied.RetryAfter));
            Assert.Equal((RateLimitOutcome.Denied, false), Summary(limiter.AttemptAcquire(policy, "thief")));
        }

        Assert.True(await limiter.SettleAsync("p", "thief", 1, 5));
        limiter.IsEnabled = false;
        Assert.True((await limiter.AcquireAsync("p", "thief")).IsAcquired);
    }

    [Fact]
    public void Create_BadLists_ThrowsAndNamesThem()
    {
        Assert.Contains("'both' is in AllowedKeys and in DeniedKeys", Error(new RateLimitOptions { AllowedKeys = { "both" }, DeniedKeys = { "both" } }), StringComparison.Ordinal);
        Assert.Contains("is empty", Error(new RateLimitOptions { DeniedKeys = { "" } }), StringComparison.Ordinal);
        Assert.Contains("longer than 256", Error(new RateLimitOptions { AllowedKeys = { new string('x', 257) } }), StringComparison.Ordinal);
        var many = new RateLimitOptions();
        many.DeniedKeys.UnionWith(Enumerable.Range(0, 10_001).Select(i => "k" + i));
        Assert.Contains("DeniedKeys holds 10001 keys; 10,000 at most", Error(many), StringComparison.Ordinal);
    }

    private static string Error(RateLimitOptions options) => Assert.ThrowsAny<ArgumentException>(() => new PolicyRateLimiter(options)).Message;

    private static (RateLimitOutcome Outcome, bool IsAcquired) Summary(RateLimitDecision decision) => (decision.Outcome, decision.IsAcquired);
}
