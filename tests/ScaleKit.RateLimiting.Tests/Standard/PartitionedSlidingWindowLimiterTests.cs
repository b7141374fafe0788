using ScaleKit.TestKit;

namespace ScaleKit.RateLimiting.Tests;

public sealed class PartitionedSlidingWindowLimiterTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task AcquireAsync_EachKey_HasItsOwnLimitAndNoTimer()
    {
        using var limiter = new PartitionedSlidingWindowLimiter<Uri>(new RateLimitPolicy("host", 1, TimeSpan.FromSeconds(1)), static uri => uri.Host, _clock);
        var (a, b) = (new Uri("http://a/x"), new Uri("http://b/x"));

        Assert.True(limiter.AttemptAcquire(a).IsAcquired);
        Assert.False((await limiter.AcquireAsync(new Uri("http://a/y"))).IsAcquired);
        Assert.True((await limiter.AcquireAsync(b)).IsAcquired);
        Assert.Equal(1, _clock.ArmedTimers);

        var statistics = limiter.GetStatistics(a)!;
        Assert.Equal((0, 2, 1), (statistics.CurrentAvailablePermits, statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases));
    }

    [Fact]
    public void AttemptAcquire_OverALimiter_SharesItsCountsAndSwitch()
    {
        var options = new RateLimitOptions { Policies = { ["api"] = new RateLimitPolicyOptions { Limit = 2 } } };
        using var shared = new PolicyRateLimiter(options, timeProvider: _clock);
        var face = new PartitionedSlidingWindowLimiter<string>(shared, "api", static key => key);
        shared.AttemptAcquire("api", "ann");
        Assert.True(face.AttemptAcquire("ann").IsAcquired);
        Assert.False(face.AttemptAcquire("ann").IsAcquired);

        face.IsEnabled = false;
        Assert.False(shared.IsEnabled);
        Assert.True(face.AttemptAcquire("ann").IsAcquired);

        face.Dispose();
        Assert.Throws<ObjectDisposedException>(() => face.AttemptAcquire("ann"));
        Assert.True(shared.AttemptAcquire("api", "bob").IsAcquired);
    }

    [Fact]
    public void WithTranslatedKey_OfAnotherResource_Works()
    {
        using var limiter = new PartitionedSlidingWindowLimiter<string>(new RateLimitPolicy("n", 1, TimeSpan.FromSeconds(1)), static key => key, _clock);
        using var translated = limiter.WithTranslatedKey<int>(static number => "n" + number, leaveOpen: true);
        Assert.True(translated.AttemptAcquire(1).IsAcquired);
        Assert.False(translated.AttemptAcquire(1).IsAcquired);
        Assert.True(translated.AttemptAcquire(2).IsAcquired);
    }

    [Fact]
    public void Constructor_NullArguments_Throws()
    {
        using var shared = new PolicyRateLimiter();
        Assert.Throws<ArgumentNullException>(() => new PartitionedSlidingWindowLimiter<string>((RateLimitPolicy)null!, static key => key));
        Assert.Throws<ArgumentNullException>(() => new PartitionedSlidingWindowLimiter<string>(shared, "p", null!));
        Assert.Throws<ArgumentNullException>(() => new PartitionedSlidingWindowLimiter<string>(shared, null!, static key => key));
    }
}
