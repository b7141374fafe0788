using System.Threading.RateLimiting;
using ScaleKit.TestKit;

namespace ScaleKit.RateLimiting.Tests;

public sealed class SlidingWindowPartitionTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task Get_PolicyRateLimiter_CountsInItAndOutlivesTheFace()
    {
        using var shared = new PolicyRateLimiter(new RateLimitOptions { Policies = { ["api"] = new RateLimitPolicyOptions { Limit = 2 } } }, timeProvider: _clock);
        var partition = SlidingWindowPartition.Get(shared, "api", "ann", _clock);

        // What the framework does with an idle limiter: disposed, and made anew for the next call.
        using (var face = partition.Factory("ann"))
        {
            Assert.True(face.AttemptAcquire().IsAcquired);
            _clock.Advance(TimeSpan.FromSeconds(15));
            Assert.Equal(TimeSpan.FromSeconds(15), face.IdleDuration);
        }

        using var next = partition.Factory("ann");
        Assert.True((await next.AcquireAsync()).IsAcquired);
        Assert.False((await next.AcquireAsync()).IsAcquired);
        var statistics = next.GetStatistics()!;
        Assert.Equal((0, 1, 1), (statistics.CurrentAvailablePermits, statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases));
        Assert.False(shared.AttemptAcquire("api", "ann").IsAcquired);
    }

    [Fact]
    public void Get_InTheFrameworksPartitionedLimiter_LimitsEachKey()
    {
        using var shared = new PolicyRateLimiter(new RateLimitOptions { Policies = { ["api"] = new RateLimitPolicyOptions { Limit = 1 } } }, timeProvider: _clock);
        using var faces = PartitionedRateLimiter.Create<string, string>(key => SlidingWindowPartition.Get(shared, "api", key));
        using var owners = PartitionedRateLimiter.Create<string, string>(
            key => SlidingWindowPartition.Get(key, static _ => new RateLimitPolicy("own", 1, TimeSpan.FromMinutes(1)), _clock));
        foreach (var limiter in new[] { faces, owners })
        {
            Assert.True(limiter.AttemptAcquire("ann").IsAcquired);
            Assert.False(limiter.AttemptAcquire("ann").IsAcquired);
            Assert.True(limiter.AttemptAcquire("bob").IsAcquired);
        }
    }

    [Fact]
    public void Get_BadArguments_Throws()
    {
        using var shared = new PolicyRateLimiter();
        Assert.Throws<ArgumentNullException>(() => SlidingWindowPartition.Get(null!, "p", "k"));
        Assert.Throws<ArgumentNullException>(() => SlidingWindowPartition.Get(shared, null!, "k"));
        Assert.Throws<ArgumentException>(() => SlidingWindowPartition.Get(shared, "p", ""));
        Assert.Throws<ArgumentNullException>(() => SlidingWindowPartition.Get("k", null!));
    }
}
