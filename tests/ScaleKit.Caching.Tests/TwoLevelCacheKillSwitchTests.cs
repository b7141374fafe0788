namespace ScaleKit.Caching.Tests;

public sealed class TwoLevelCacheKillSwitchTests
{
    private readonly MemoryStore _store = new();
    private readonly InProcessInvalidationBus _bus = new();

    [Fact]
    public async Task IsEnabled_Off_RunsTheFactoryEveryTimeAndTouchesNoLevel()
    {
        await using var cache = Cached.New(_store, _bus, configure: o => o.Enabled = false);

        Assert.Equal(1, await cache.GetAsync("k", 1));
        Assert.Equal(2, await cache.GetAsync("k", 2));
        Assert.Equal(3, await cache.GetOrCreateAsync("k".AsSpan(), 3, (v, _) => ValueTask.FromResult(v)));
        Assert.False((await cache.TryGetAsync<int>("k")).IsFound);
        await cache.SetAsync("k", 3);
        Assert.Equal((0, 0), (_store.Reads, _store.Writes));
    }

    [Fact]
    public async Task IsEnabled_Off_RemovalsStillGoThrough()
    {
        await using var other = Cached.New(_store, _bus);
        await using var cache = Cached.New(_store, _bus);
        await other.GetAsync("removed", "old");
        await other.GetAsync("tagged", "old", null, "t");
        await other.GetAsync("set", "old");

        cache.IsEnabled = false;
        await cache.RemoveAsync("removed");
        await cache.RemoveByTagAsync("t");
        await cache.SetAsync("set", "new");

        Assert.Equal("new", await other.GetAsync("removed", "new"));
        Assert.Equal("new", await other.GetAsync("tagged", "new", null, "t"));
        Assert.Equal("from the database", await other.GetAsync("set", "from the database"));
    }

    [Fact]
    public async Task IsEnabled_BackOn_StartsWithAnEmptyMemoryLevel()
    {
        await using var cache = Cached.New();
        await cache.GetAsync("k", 1);
        var gate = new Gate();
        var filling = cache.GetOrCreateAsync("slow", async _ =>
        {
            await gate.PassAsync();
            return 1;
        }).AsTask();
        await gate.Reached;

        cache.IsEnabled = false;
        Assert.False(cache.IsEnabled);
        cache.IsEnabled = true;
        gate.Open();
        await filling;

        Assert.Equal(2, await cache.GetAsync("k", 2));
        Assert.Equal(2, await cache.GetAsync("slow", 2));
        cache.IsEnabled = true;
        Assert.Equal(2, await cache.GetAsync("k", 3));
    }
}
