using Microsoft.Extensions.Caching.Distributed;
using ScaleKit.TestKit;

namespace ChatRooms.Tests;

public sealed class SqliteDistributedCacheTests : IDisposable
{
    private readonly DataFolder _folder = new(null);
    private readonly ManualTimeProvider _time = new();
    private readonly SqliteDistributedCache _cache;

    public SqliteDistributedCacheTests() => _cache = new SqliteDistributedCache(_folder, _time);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Get_AfterSet_GivesTheBytesUntilTheyExpire()
    {
        await _cache.SetAsync("a", [1, 2, 3], new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(10) });
        Assert.Equal([1, 2, 3], await _cache.GetAsync("a"));
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.NotNull(await _cache.GetAsync("a"));

        _time.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Null(await _cache.GetAsync("a"));
    }

    [Fact]
    public async Task Set_Again_ReplacesTheBytes()
    {
        await _cache.SetAsync("a", [1], new DistributedCacheEntryOptions());
        await _cache.SetAsync("a", [2], new DistributedCacheEntryOptions());

        Assert.Equal([2], await _cache.GetAsync("a"));
    }

    [Fact]
    public async Task Remove_Entry_IsGoneAndOthersStay()
    {
        await _cache.SetAsync("a' OR 1=1 --", [1], new DistributedCacheEntryOptions());
        await _cache.SetAsync("b", [2], new DistributedCacheEntryOptions());

        await _cache.RemoveAsync("a' OR 1=1 --");

        Assert.Null(await _cache.GetAsync("a' OR 1=1 --"));
        Assert.Equal([2], await _cache.GetAsync("b"));
    }
}
