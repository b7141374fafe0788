using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class TwoLevelCacheTimeoutTests
{
    private static readonly TimeSpan Soft = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Hard = TimeSpan.FromSeconds(2);
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task GetOrCreateAsync_SlowerThanTheSoftTimeout_ServesTheExpiredValueAndStoresTheLateOne()
    {
        await using var cache = await NewWithExpiredAsync();
        var idle = _time.ArmedTimers;
        var gate = new Gate();
        var reading = ReadAsync(cache, gate);
        await gate.Reached;

        _time.Advance(Soft - TimeSpan.FromTicks(1));
        Assert.False(reading.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("old", await reading);

        // The factory still runs: who comes now gets the old value at once and starts no other.
        Assert.Equal("old", await cache.GetAsync("k", "second factory"));
        gate.Open();
        await Eventually.HoldsAsync(async () => (await cache.TryGetAsync<string>("k")).Value == "late", "the late value is stored");
        await Eventually.HoldsAsync(() => _time.ArmedTimers <= idle, "no timer is left behind");
    }

    [Fact]
    public async Task GetOrCreateAsync_RemovedBeforeTheSoftTimeout_IsNotServedAsStale()
    {
        await using var cache = await NewWithExpiredAsync();
        var gate = new Gate();
        var reading = ReadAsync(cache, gate);
        await gate.Reached;

        await cache.RemoveAsync("k");
        _time.Advance(Soft);
        Assert.False(reading.IsCompleted);
        Assert.Equal("new", await cache.GetAsync("k", "new"));
        gate.Open();

        Assert.Equal("late", await reading);
        Assert.Equal("new", await cache.GetAsync("k", "newer"));
    }

    [Fact]
    public async Task GetOrCreateAsync_RemovedAfterTheSoftTimeout_LaterCallersDoNotGetTheOldValue()
    {
        await using var cache = await NewWithExpiredAsync("t");
        var gate = new Gate();
        var reading = ReadAsync(cache, gate);
        await gate.Reached;
        _time.Advance(Soft);
        Assert.Equal("old", await reading);

        // A tag of the old value that this fill does not have.
        await cache.RemoveByTagAsync("t");

        Assert.Equal("new", await cache.GetAsync("k", "new"));
        gate.Open();
    }

    [Fact]
    public async Task GetOrCreateAsync_FailSafeEndsWhileTheFactoryRuns_LaterCallersWaitForIt()
    {
        await using var cache = await NewWithExpiredAsync();
        _time.Advance(TimeSpan.FromHours(1) - Soft);
        var gate = new Gate();
        var reading = ReadAsync(cache, gate);
        await gate.Reached;
        _time.Advance(Soft - TimeSpan.FromTicks(1));
        Assert.False(reading.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.False(reading.IsCompleted);

        gate.Open();
        Assert.Equal("late", await reading);
    }

    [Fact]
    public async Task GetOrCreateAsync_FailSafeEndsAfterTheSoftTimeout_LaterCallersWaitForTheFactory()
    {
        await using var cache = await NewWithExpiredAsync();
        _time.Advance(TimeSpan.FromHours(1) - (2 * Soft));
        var gate = new Gate();
        var reading = ReadAsync(cache, gate);
        await gate.Reached;
        _time.Advance(Soft);
        Assert.Equal("old", await reading);

        _time.Advance(Soft);
        var later = cache.GetAsync("k", "second factory").AsTask();
        Assert.False(later.IsCompleted);
        gate.Open();

        Assert.Equal("late", await later);
    }

    [Fact]
    public async Task GetOrCreateAsync_SlowerThanTheHardTimeout_ThrowsAndCancelsTheFactoryAndStoresNothing()
    {
        await using var cache = Cached.New(time: _time, configure: o => o.FactoryHardTimeout = Hard);
        var gate = new Gate();
        CancellationToken seen = default;
        var reading = cache.GetOrCreateAsync("k", async c => await HangAsync(c)).AsTask();
        await gate.Reached;

        _time.Advance(Hard);
        var error = await Assert.ThrowsAsync<TimeoutException>(() => reading);

        Assert.Equal("The factory of the key \"k\" has not returned within FactoryHardTimeout, 00:00:02. It was cancelled.", error.Message);
        Assert.True(seen.IsCancellationRequested);
        Assert.Equal("new", await cache.GetAsync("k", "new"));
        gate.Open();
        Assert.Equal("new", await cache.GetAsync("k", "newer"));

        async Task<string> HangAsync(CancellationToken cancellationToken)
        {
            seen = cancellationToken;
            await gate.PassAsync();
            return "too late";
        }
    }

    [Fact]
    public async Task GetOrCreateAsync_HardTimeoutWithAnExpiredValue_ServesIt()
    {
        await using var cache = await NewWithExpiredAsync(configure: o => o.FactorySoftTimeout = null);
        var gate = new Gate();
        var reading = ReadAsync(cache, gate);
        await gate.Reached;

        _time.Advance(Hard);

        Assert.Equal("old", await reading);
        gate.Open();
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryBlocksItsThread_TheTimeoutHolds()
    {
        await using var cache = Cached.New(time: _time, configure: o => o.FactoryHardTimeout = Hard);
        using var blocked = new ManualResetEventSlim();
        var reached = new TaskCompletionSource();
        var reading = cache.GetOrCreateAsync("k", _ =>
        {
            reached.SetResult();
            blocked.Wait(TimeSpan.FromSeconds(30), CancellationToken.None);
            return ValueTask.FromResult(1);
        }).AsTask();
        await reached.Task;

        _time.Advance(Hard);

        await Assert.ThrowsAsync<TimeoutException>(() => reading);
        blocked.Set();
    }

    private static Task<string> ReadAsync(TwoLevelCache cache, Gate gate) => cache.GetOrCreateAsync("k", async _ =>
    {
        await gate.PassAsync();
        return "late";
    }).AsTask();

    private async Task<TwoLevelCache> NewWithExpiredAsync(string? tag = null, Action<TwoLevelCacheOptions>? configure = null)
    {
        var cache = Cached.New(time: _time, configure: o =>
        {
            o.FailSafeMaximum = TimeSpan.FromHours(1);
            o.FactorySoftTimeout = Soft;
            o.FactoryHardTimeout = Hard;
            configure?.Invoke(o);
        });
        await cache.SetAsync("k", "old", tags: tag is null ? null : [tag]);
        _time.Advance(TimeSpan.FromMinutes(5));
        return cache;
    }
}
