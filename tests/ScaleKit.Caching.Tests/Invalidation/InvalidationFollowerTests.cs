using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

/// <summary>Records get lost on the way to a cache; the numbers tell, and the log heals it.</summary>
public sealed class InvalidationFollowerTests
{
    private readonly InProcessInvalidationBus _log = new(logCapacity: 8);
    private readonly MemoryStore _store = new();
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 50)]
    [InlineData(true, 50)]
    public async Task OnInvalidationOrHead_RecordsWereLost_NothingOldIsServedAfterTheNextSign(bool byHeartbeat, int moreRecords)
    {
        var line = new LossyBus(_log);
        await using var a = Cached.New(_store, _log);
        await using var b = Cached.New(_store, line);
        await FillAsync(b);
        line.IsDeaf = true;
        await a.RemoveAsync("removed");
        await a.SetAsync("set", "new");
        await a.RemoveByTagAsync("t");
        for (var i = 0; i < moreRecords; i++)
            await a.RemoveAsync($"x{i}");
        Assert.Equal("old", await b.GetAsync("removed", "new"));

        line.IsDeaf = false;
        if (byHeartbeat)
            line.Heartbeat();
        else
            await a.RemoveAsync("unrelated");

        Assert.Equal("new", await b.GetAsync("removed", "new"));
        Assert.Equal("new", await b.GetAsync("set", "newer"));
        Assert.Equal("new", await b.GetAsync("tagged", "new", null, "t"));
        Assert.Equal("old", await b.GetAsync("kept", "old"));
    }

    [Fact]
    public async Task OnInvalidation_FillAcrossALostHistory_IsNotStored()
    {
        var line = new LossyBus(_log);
        await using var a = Cached.New(_store, _log);
        await using var b = Cached.New(_store, line);
        var gate = new Gate();
        var reading = b.GetOrCreateAsync("k", async _ =>
        {
            await gate.PassAsync();
            return "old";
        }).AsTask();
        await gate.Reached;
        line.IsDeaf = true;
        await a.RemoveAsync("k");
        for (var i = 0; i < 20; i++)
            await a.RemoveAsync($"x{i}");
        line.IsDeaf = false;
        line.Heartbeat();

        gate.Open();
        await reading;

        Assert.Equal("new", await b.GetAsync("k", "new"));
    }

    [Fact]
    public async Task CatchUp_LogUnreadable_MemoryStaysOutOfUseUntilARetryWorks()
    {
        var line = new LossyBus(_log);
        using var log = new RecordedLog();
        await using var a = Cached.New(bus: _log);
        await using var b = Cached.New(bus: line, time: _time, log: log);
        await b.GetAsync("k", 1);
        line.IsDeaf = true;
        await a.RemoveAsync("k");
        line.IsDeaf = false;
        line.IsUnreadable = true;
        line.Heartbeat();

        Assert.Equal(2, await b.GetAsync("k", 2));
        Assert.Equal(3, await b.GetAsync("k", 3));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(4, await b.GetAsync("k", 4));
        line.IsUnreadable = false;
        _time.Advance(TimeSpan.FromSeconds(1));

        await Eventually.HoldsAsync(async () => await b.GetAsync("k", 5) == await b.GetAsync("k", 6), "the memory level works again");
        Assert.Single(log.Lines);
    }

    [Fact]
    public async Task Start_BusUnreachable_RunsFactoriesAndThenRecovers()
    {
        var line = new LossyBus(_log) { IsUnreadable = true };
        await using var other = Cached.New(_store, _log, _time);
        await other.GetAsync("k", 1, null, "t");
        await using var cache = Cached.New(_store, line, _time);

        Assert.Equal(2, await cache.GetAsync("k", 2, null, "t"));
        Assert.Equal(3, await cache.GetAsync("k", 3, null, "t"));

        line.IsUnreadable = false;
        _time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(async () => await cache.GetAsync("k", 4, null, "t") == 1, "the entry of the other cache is found");
    }

    [Fact]
    public async Task InvalidateAsync_BusRefuses_CallerSeesItAndServesNothingOld()
    {
        var line = new LossyBus(_log) { IsUnwritable = true };
        await using var cache = Cached.New(bus: line);
        await cache.GetAsync("k", 1);

        await Assert.ThrowsAsync<IOException>(async () => await cache.RemoveAsync("k"));

        Assert.Equal(2, await cache.GetAsync("k", 2));
    }

    [Fact]
    public async Task InvalidateAsync_OwnRecordComesBackLate_IsInForceAtOnce()
    {
        var line = new LossyBus(_log);
        await using var cache = Cached.New(_store, line);
        await FillAsync(cache);
        line.IsDeaf = true;

        await cache.RemoveAsync("removed");
        await cache.SetAsync("set", "new");
        await cache.RemoveByTagAsync("t");

        Assert.Equal("new", await cache.GetAsync("removed", "new"));
        Assert.Equal("new", await cache.GetAsync("set", "newer"));
        Assert.Equal("new", await cache.GetAsync("tagged", "new", null, "t"));
    }

    [Fact]
    public async Task OnInvalidation_DuplicatesAndOldRecords_ChangeNothing()
    {
        var versions = new CacheVersions(16);
        using var metrics = new CachingMetrics("c", null);
        using var local = new LocalLevel(Stores.S3Fifo(time: _time), versions);
        using var follower = new InvalidationFollower(
            new TwoLevelCacheOptions { Name = "c" }, _log, versions, local, metrics, _time, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        follower.Start();
        var place = await _log.AppendAsync(new Invalidation("c", ["k"]));
        await _log.AppendAsync(new Invalidation("c", ["j"]));

        follower.OnInvalidation(new InvalidationRecord(place, new Invalidation("c", ["other"])));

        Assert.True(versions.Current.IsFollowing);
        Assert.Equal(2, versions.Current.Position.Sequence);
        Assert.True(versions.IsValid("other", [], 0));
        Assert.False(versions.IsValid("k", [], 0));
    }

    private static async Task FillAsync(TwoLevelCache cache)
    {
        await cache.GetAsync("removed", "old");
        await cache.GetAsync("set", "old");
        await cache.GetAsync("tagged", "old", null, "t");
        await cache.GetAsync("kept", "old");
    }
}
