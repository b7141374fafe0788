using System.Threading.RateLimiting;
using ScaleKit.TestKit;

namespace ScaleKit.RateLimiting.Tests;

public sealed class SlidingWindowLimiterTests : IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly SlidingWindowLimiter _limiter;

    public SlidingWindowLimiterTests() => _limiter = new SlidingWindowLimiter(new RateLimitPolicy("uploads", 5, TimeSpan.FromSeconds(10)), _clock);

    public void Dispose() => _limiter.Dispose();

    [Fact]
    public void AttemptAcquire_Acquired_CarriesTheMetadata()
    {
        using var lease = _limiter.AttemptAcquire(2);

        Assert.True(lease.IsAcquired);
        Assert.Equal("uploads", Get(lease, RateLimitMetadata.Policy));
        Assert.Equal(5, Get(lease, RateLimitMetadata.Limit));
        Assert.Equal(TimeSpan.FromSeconds(10), Get(lease, RateLimitMetadata.Window));
        Assert.Equal(3, Get(lease, RateLimitMetadata.Remaining));
        Assert.Equal(TimeSpan.FromSeconds(10), Get(lease, RateLimitMetadata.ResetAfter));
        Assert.False(lease.TryGetMetadata(MetadataName.RetryAfter, out _));
        AssertNamesAgree(lease, 5);
    }

    [Fact]
    public async Task AcquireAsync_Refused_RetryAfterIsExact()
    {
        await _limiter.AcquireAsync(3);
        _clock.Advance(TimeSpan.FromSeconds(4));
        await _limiter.AcquireAsync(2);

        using var refused = await _limiter.AcquireAsync(3);

        Assert.False(refused.IsAcquired);
        var retryAfter = Get(refused, MetadataName.RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(6), retryAfter);
        AssertNamesAgree(refused, 6);
        _clock.Advance(retryAfter - TimeSpan.FromTicks(1));
        Assert.False(_limiter.AttemptAcquire(3).IsAcquired);
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.True(_limiter.AttemptAcquire(3).IsAcquired);
    }

    [Fact]
    public void AttemptAcquire_ZeroPermits_TellsWithoutTaking()
    {
        Assert.True(_limiter.AttemptAcquire(0).IsAcquired);
        _limiter.AttemptAcquire(5);
        Assert.False(_limiter.AttemptAcquire(0).IsAcquired);
    }

    [Fact]
    public async Task AttemptAcquire_BadPermits_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _limiter.AttemptAcquire(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _limiter.AttemptAcquire(6));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _limiter.AcquireAsync(1, new CancellationToken(true)));
    }

    [Fact]
    public void GetStatistics_AfterCalls_CountsThem()
    {
        _limiter.AttemptAcquire(2);
        _limiter.AttemptAcquire(2);
        _limiter.AttemptAcquire(2);
        _limiter.AttemptAcquire(0);

        var statistics = _limiter.GetStatistics()!;
        Assert.Equal((1, 2, 1, 0), (statistics.CurrentAvailablePermits, statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases, statistics.CurrentQueuedCount));
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(5, _limiter.GetStatistics()!.CurrentAvailablePermits);
    }

    [Fact]
    public void IdleDuration_WhileAPermitCounts_IsNullThenGrows()
    {
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.FromSeconds(3), _limiter.IdleDuration);

        _limiter.AttemptAcquire();
        _clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.Null(_limiter.IdleDuration);

        _clock.Advance(TimeSpan.FromSeconds(2) + TimeSpan.FromTicks(1));
        Assert.Equal(TimeSpan.FromSeconds(2), _limiter.IdleDuration);
    }

    [Fact]
    public void IsEnabled_False_LetsEverythingThroughUncounted()
    {
        _limiter.IsEnabled = false;
        for (var i = 0; i < 20; i++)
        {
            using var lease = _limiter.AttemptAcquire(5);
            Assert.True(lease.IsAcquired);
            AssertNamesAgree(lease, 3);
        }

        _limiter.IsEnabled = true;
        Assert.Equal(5, _limiter.GetStatistics()!.CurrentAvailablePermits);
    }

    [Fact]
    public void Dispose_ThenUse_Throws()
    {
        _limiter.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _limiter.AttemptAcquire());
    }

    [Fact]
    public void Constructor_LimitAndWindow_IsADefaultPolicy()
    {
        using var limiter = new SlidingWindowLimiter(7, TimeSpan.FromSeconds(1));
        Assert.Equal("default", Get(limiter.AttemptAcquire(), RateLimitMetadata.Policy));
        Assert.Throws<ArgumentNullException>(() => new SlidingWindowLimiter(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlidingWindowLimiter(0, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void CreateChained_WithTheFrameworksLimiter_Works()
    {
        using var concurrency = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = 1 });
        using var chained = RateLimiter.CreateChained(_limiter, concurrency);
        using var lease = chained.AttemptAcquire();
        Assert.True(lease.IsAcquired);
        Assert.Equal(4, Get(lease, RateLimitMetadata.Remaining));
    }

    [Fact]
    public async Task AcquireAsync_WithAQueue_WaitsInOrderUntilTheExactTime()
    {
        using var limiter = new SlidingWindowLimiter(new RateLimitPolicy("p", 2, TimeSpan.FromSeconds(10)) { QueueLimit = 3 }, _clock);
        await limiter.AcquireAsync(2);
        var first = limiter.AcquireAsync(2).AsTask();
        using var cancellation = new CancellationTokenSource();
        var second = limiter.AcquireAsync(1, cancellation.Token).AsTask();
        Assert.Equal(3, limiter.GetStatistics()!.CurrentQueuedCount);
        Assert.False((await limiter.AcquireAsync(1)).IsAcquired);
        Assert.False(limiter.AttemptAcquire().IsAcquired);

        _clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.False(first.IsCompleted);
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.True((await first).IsAcquired);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        var statistics = limiter.GetStatistics()!;
        Assert.Equal((0, 2, 2), (statistics.CurrentQueuedCount, statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases));
        Assert.Equal(0, _clock.ArmedTimers);
    }

    [Fact]
    public async Task IsEnabledOrDispose_SomebodyWaits_EndsTheWait()
    {
        var limiter = new SlidingWindowLimiter(new RateLimitPolicy("p", 1, TimeSpan.FromSeconds(10)) { QueueLimit = 3 }, _clock);
        await limiter.AcquireAsync();
        var waiting = limiter.AcquireAsync().AsTask();
        limiter.IsEnabled = false;
        Assert.True((await waiting).IsAcquired);

        limiter.IsEnabled = true;
        waiting = limiter.AcquireAsync().AsTask();
        await limiter.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
    }

    [Fact]
    public void AttemptAcquire_Shadow_IsAcquiredAndToldWhatIsLeft()
    {
        using var limiter = new SlidingWindowLimiter(new RateLimitPolicy("p", 1, TimeSpan.FromSeconds(10)) { IsShadow = true }, _clock);
        limiter.AttemptAcquire();
        using var lease = limiter.AttemptAcquire();
        Assert.True(lease.IsAcquired);
        Assert.Equal(0, Get(lease, RateLimitMetadata.Remaining));
        AssertNamesAgree(lease, 5);
    }

    private static T? Get<T>(RateLimitLease lease, MetadataName<T> name) =>
        lease.TryGetMetadata(name, out var value) ? value : throw new InvalidOperationException($"no {name.Name}");

    private static void AssertNamesAgree(RateLimitLease lease, int count)
    {
        Assert.Equal(count, lease.MetadataNames.Count());
        Assert.All(lease.MetadataNames, name => Assert.True(lease.TryGetMetadata(name, out _)));
        Assert.False(lease.TryGetMetadata("OTHER", out _));
    }
}
