using Microsoft.Extensions.Caching.Hybrid;
using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class TwoLevelCacheNegativeTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly MemoryStore _store = new();

    public static TheoryData<string> Ways => ["null", "not found", "set", "plain"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Any_NothingFound_IsCachedForItsOwnLifetime(string way)
    {
        await using var cache = New();
        var hour = new HybridCacheEntryOptions { Expiration = TimeSpan.FromHours(1) };
        await (way switch
        {
            "null" => Discard(cache.GetOrCreateAsync("k", (_, _) => ValueTask.FromResult<string?>(null), hour)),
            "not found" => Discard(cache.GetOrCreateAsync("k", (fill, _) => ValueTask.FromResult(fill.NotFound<string>()), hour)),
            "set" => cache.SetAsync<string?>("k", null, hour),
            _ => Discard(cache.GetAsync<string?>("k", null, hour)),
        });

        Assert.Equal(TimeSpan.FromSeconds(30), _store.Lifetimes["default:k"]);
        _time.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        Assert.Null(await cache.GetAsync<string?>("k", "here now"));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("here now", await cache.GetAsync<string?>("k", "here now"));
    }

    [Fact]
    public async Task GetOrCreateAsync_NotFoundOfAValueType_IsCachedForItsOwnLifetime()
    {
        await using var cache = New();
        Assert.Equal(0, await cache.GetOrCreateAsync("k", (fill, _) => ValueTask.FromResult(fill.NotFound<int>())));

        _time.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        Assert.Equal(0, await cache.GetAsync("k", 1));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(1, await cache.GetAsync("k", 1));
    }

    [Fact]
    public async Task GetOrCreateAsync_NothingFoundWithAShorterExpiration_KeepsTheShorter()
    {
        await using var cache = New();
        await cache.GetAsync<string?>("k", null, new() { Expiration = TimeSpan.FromSeconds(5) });

        Assert.Equal(TimeSpan.FromSeconds(5), _store.Lifetimes["default:k"]);
    }

    private static async ValueTask Discard<T>(ValueTask<T> call) => await call;

    private TwoLevelCache New() => Cached.New(_store, time: _time);
}
