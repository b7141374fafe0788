using Microsoft.Extensions.Caching.Hybrid;
using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class TwoLevelCacheExpirationTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly MemoryStore _store = new();

    [Fact]
    public async Task GetOrCreateAsync_AtTheExpiration_RunsTheFactoryAgain()
    {
        await using var cache = Cached.New(time: _time);
        await cache.GetAsync("k", 1);
        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.Equal(1, await cache.GetAsync("k", 2));

        _time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(2, await cache.GetAsync("k", 2));
    }

    [Fact]
    public async Task GetOrCreateAsync_LocalExpiration_ReadsTheDistributedLevelInBetween()
    {
        await using var cache = Cached.New(_store, time: _time);
        var options = new HybridCacheEntryOptions { Expiration = TimeSpan.FromMinutes(2), LocalCacheExpiration = TimeSpan.FromMinutes(1) };
        await cache.GetAsync("k", 1, options);

        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(1, await cache.GetAsync("k", 2, options));
        Assert.Equal(2, _store.Reads);
        _store.Values.Clear();

        // Read at 61 s, it may live in memory for the 59 s that are left of its two minutes, not for another minute.
        _time.Advance(TimeSpan.FromSeconds(58));
        Assert.Equal(1, await cache.GetAsync("k", 2, options));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, await cache.GetAsync("k", 2, options));
    }

    [Fact]
    public async Task GetOrCreateAsync_ExpiredInTheDistributedLevel_IsAMiss()
    {
        await using (var first = Cached.New(_store, time: _time))
            await first.GetAsync("k", 1);
        _time.Advance(TimeSpan.FromMinutes(5));

        await using var second = Cached.New(_store, time: _time);

        Assert.Equal(2, await second.GetAsync("k", 2));
    }

    [Fact]
    public async Task GetOrCreateAsync_WallClockJumps_MovesNoLocalExpiration()
    {
        await using var cache = Cached.New(time: _time);
        await cache.GetAsync("k", 1);

        _time.JumpWallClock(TimeSpan.FromDays(1));
        Assert.Equal(1, await cache.GetAsync("k", 2));
        _time.JumpWallClock(TimeSpan.FromDays(-2));
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(2, await cache.GetAsync("k", 2));
    }

    [Theory]
    [InlineData(60, null, null, null, 60, 60)]
    [InlineData(60, 20, null, null, 60, 20)]
    [InlineData(60, 20, 40, null, 40, 40)]
    [InlineData(60, 20, 40, 30, 40, 30)]
    [InlineData(60, 20, 40, 90, 40, 40)]
    [InlineData(60, 20, null, 90, 60, 60)]
    [InlineData(60, 90, null, null, 60, 60)]
    public void EntryPlanOf_CallAndDefaults_MergeByTheContract(int expiration, int? local, int? callExpiration, int? callLocal, int total, int inMemory)
    {
        var defaults = new TwoLevelCacheOptions { Expiration = TimeSpan.FromSeconds(expiration), LocalExpiration = Seconds(local) };
        var call = new HybridCacheEntryOptions { Expiration = Seconds(callExpiration), LocalCacheExpiration = Seconds(callLocal) };

        var plan = EntryPlan.Of(call, defaults, []);

        Assert.Equal((TimeSpan.FromSeconds(total), TimeSpan.FromSeconds(inMemory)), (plan.Expiration, plan.LocalExpiration));
    }

    [Theory]
    [InlineData(60, 90)]
    [InlineData(1, 99)]
    public async Task SetAsync_Jitter_ShortensByAtMostATenthAndNeverLengthens(int maximumMinutes, int leastMinutes)
    {
        await using var cache = Cached.New(_store, configure: o => o.JitterMaximum = TimeSpan.FromMinutes(maximumMinutes));
        for (var i = 0; i < 200; i++)
            await cache.SetAsync($"k{i}", i, new HybridCacheEntryOptions { Expiration = TimeSpan.FromMinutes(100) });

        var minutes = _store.Lifetimes.Values.Select(l => l!.Value.TotalMinutes).ToArray();
        Assert.All(minutes, m => Assert.InRange(m, leastMinutes, 100));
        Assert.True(minutes.Distinct().Count() > 100, "the lifetimes differ");
    }

    [Fact]
    public async Task SetAsync_EndlessExpiration_IsCutAndWorks()
    {
        await using var cache = Cached.New(_store, time: _time);
        await cache.SetAsync("k", 1, new HybridCacheEntryOptions { Expiration = TimeSpan.MaxValue });

        _time.Advance(TimeSpan.FromDays(3000));

        Assert.Equal(1, await cache.GetAsync("k", 2));
    }

    private static TimeSpan? Seconds(int? seconds) => seconds is { } s ? TimeSpan.FromSeconds(s) : null;
}
