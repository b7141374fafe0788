using System.Diagnostics.Metrics;

namespace ScaleKit.RateLimiting.Tests;

public sealed class SortedChargesTests
{
    private readonly RateLimitOptions _options = new()
    {
        AllowedKeys = { "probe" },
        DeniedKeys = { "thief" },
        Policies = { ["hard"] = new() { Limit = 3 }, ["shadow"] = new() { Limit = 1, Shadow = true } },
    };

    [Fact]
    public async Task AcquireAsync_Shadow_CountsAsEverAndNeverRefuses()
    {
        using var limiter = new PolicyRateLimiter(_options);
        Assert.Equal(RateLimitOutcome.Acquired, (await limiter.AcquireAsync("shadow", "ann")).Outcome);
        for (var i = 0; i < 3; i++)
        {
            var decision = await limiter.AcquireAsync("shadow", "ann");
            Assert.Equal((RateLimitOutcome.WouldRefuse, true, 0), (decision.Outcome, decision.IsAcquired, decision.Remaining));
            Assert.True(decision.RetryAfter > TimeSpan.Zero);
            Assert.Equal(RateLimitOutcome.WouldRefuse, limiter.AttemptAcquire("shadow", "ann").Outcome);
        }
    }

    [Fact]
    public async Task AcquireAsync_ShadowOrListed_HasAMetricOfItsOwn()
    {
        using var limiter = new PolicyRateLimiter(_options);
        var results = new List<string?>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (ReferenceEquals(instrument.Meter, limiter.Meter) && string.Equals(instrument.Name, RateLimitingDiagnostics.Requests, StringComparison.Ordinal))
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => results.Add((string?)tags[1].Value));
        listener.Start();

        await limiter.AcquireAsync("shadow", "ann");
        await limiter.AcquireAsync("shadow", "ann");
        await limiter.AcquireAsync("hard", "thief");
        await limiter.AcquireAsync("hard", "probe");

        Assert.Equal(["acquired", "would_refuse", "denied", "bypass"], results);
    }

    [Fact]
    public async Task AcquireAllAsync_WithShadow_DecidesByTheOthersAndCountsTheShadowOnlyWithThem()
    {
        using var limiter = new PolicyRateLimiter(_options);
        RateLimitCharge[] charges = [Charge(limiter, "shadow", "ann"), Charge(limiter, "hard", "ann", 2)];

        Assert.Equal(("hard", RateLimitOutcome.Acquired, 1), Of(await limiter.AcquireAllAsync(charges)));
        Assert.Equal(("hard", RateLimitOutcome.Refused, 1), Of(await limiter.AcquireAllAsync(charges)));
        Assert.Equal(("hard", RateLimitOutcome.Acquired, 0), Of(await limiter.AcquireAllAsync(new[] { charges[0], Charge(limiter, "hard", "ann") })));
        Assert.Equal(("shadow", RateLimitOutcome.WouldRefuse, 0), Of(await limiter.AcquireAllAsync(charges.AsMemory(0, 1))));
    }

    [Fact]
    public async Task AcquireAllAsync_WithListedKeys_LeavesOutTheAllowedAndRefusesForTheDenied()
    {
        using var limiter = new PolicyRateLimiter(_options);
        RateLimitCharge[] charges = [Charge(limiter, "hard", "probe"), Charge(limiter, "hard", "ann", 3), Charge(limiter, "hard", "thief")];

        Assert.Equal(("hard", RateLimitOutcome.Denied, 0), Of(await limiter.AcquireAllAsync(charges)));
        Assert.Equal(("hard", RateLimitOutcome.Acquired, 0), Of(await limiter.AcquireAllAsync(charges.AsMemory(0, 2))));
        Assert.Equal(("hard", RateLimitOutcome.Bypassed, 3), Of(await limiter.AcquireAllAsync(charges.AsMemory(0, 1))));
    }

    private static RateLimitCharge Charge(PolicyRateLimiter limiter, string policy, string key, int permits = 1) => new(limiter.GetPolicy(policy, key), key, permits);

    private static (string Policy, RateLimitOutcome Outcome, int Remaining) Of(RateLimitDecision decision) => (decision.Policy, decision.Outcome, decision.Remaining);
}
