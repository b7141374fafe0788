using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching.Tests;

public sealed class TwoLevelCacheFlagsTests
{
    private readonly MemoryStore _store = new();

    [Fact]
    public async Task GetOrCreateAsync_DisableLocalCacheWrite_StoresInTheDistributedLevelOnly()
    {
        await using var cache = Cached.New(_store);
        await cache.GetAsync("k", 1, With(HybridCacheEntryFlags.DisableLocalCacheWrite));
        _store.Values.Clear();

        Assert.Equal(2, await cache.GetAsync("k", 2));
    }

    [Fact]
    public async Task GetOrCreateAsync_DisableLocalCacheRead_AsksTheDistributedLevel()
    {
        await using var cache = Cached.New(_store);
        await cache.GetAsync("k", 1);
        var reads = _store.Reads;

        Assert.Equal(1, await cache.GetAsync("k", 2, With(HybridCacheEntryFlags.DisableLocalCacheRead)));
        Assert.Equal(reads + 1, _store.Reads);
    }

    [Fact]
    public async Task GetOrCreateAsync_DisableDistributedCache_LeavesItAlone()
    {
        await using var cache = Cached.New(_store);
        await cache.GetAsync("k", 1, With(HybridCacheEntryFlags.DisableDistributedCache));

        Assert.Equal((0, 0), (_store.Reads, _store.Writes));
        Assert.Equal(1, await cache.GetAsync("k", 2));
    }

    [Fact]
    public async Task GetOrCreateAsync_DisableUnderlyingData_NeverRunsTheFactory()
    {
        await using var cache = Cached.New(_store);
        var onlyCached = With(HybridCacheEntryFlags.DisableUnderlyingData);

        Assert.Equal(0, await cache.GetAsync("k", 1, onlyCached));
        await cache.SetAsync("k", 2);
        Assert.Equal(2, await cache.GetAsync("k", 1, onlyCached));
        Assert.Equal(0, await cache.GetAsync(new string('x', 5000), 1, onlyCached));
    }

    [Fact]
    public async Task SetAsync_Flags_ChooseTheLevels()
    {
        await using var cache = Cached.New(_store);
        await cache.SetAsync("local", 1, With(HybridCacheEntryFlags.DisableDistributedCacheWrite));
        await cache.SetAsync("distributed", 1, With(HybridCacheEntryFlags.DisableLocalCacheWrite));

        Assert.Equal(["default:distributed"], _store.Values.Keys);
        Assert.Equal(1, await cache.GetAsync("local", 2));
    }

    [Fact]
    public async Task GetOrCreateAsync_DefaultFlags_ApplyWhereTheCallGivesNone()
    {
        await using var cache = Cached.New(_store, configure: o => o.Flags = HybridCacheEntryFlags.DisableLocalCache);
        await cache.GetAsync("k", 1);
        _store.Values.Clear();

        Assert.Equal(2, await cache.GetAsync("k", 2, With(HybridCacheEntryFlags.None)));
        Assert.Equal(2, await cache.GetAsync("k", 3, With(HybridCacheEntryFlags.None)));
    }

    private static HybridCacheEntryOptions With(HybridCacheEntryFlags flags) => new() { Flags = flags };
}
