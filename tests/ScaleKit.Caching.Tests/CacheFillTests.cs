using Microsoft.Extensions.Caching.Hybrid;
using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class CacheFillTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly MemoryStore _store = new();
    private readonly InProcessInvalidationBus _bus = new();

    [Fact]
    public void CacheFill_New_IsAsTheCallGaveIt()
    {
        var fill = new CacheFill("k", new() { Expiration = TimeSpan.FromHours(2), Flags = HybridCacheEntryFlags.DisableCompression }, ["t"]);

        Assert.Equal(("k", TimeSpan.FromHours(2), null), (fill.Key, fill.Expiration, fill.LocalCacheExpiration));
        Assert.Equal(HybridCacheEntryFlags.DisableCompression, fill.Flags);
        Assert.Equal(["t"], fill.Tags);
        Assert.False(fill.IsNotFound);
        Assert.False(fill.TryGetStale<int>(out _));
    }

    [Fact]
    public void CacheFill_BadValues_AreRefusedAtOnce()
    {
        var fill = new CacheFill("k");

        Assert.Equal("Expiration", Assert.Throws<ArgumentOutOfRangeException>(() => fill.Expiration = TimeSpan.Zero).ParamName);
        Assert.Equal("LocalCacheExpiration", Assert.Throws<ArgumentOutOfRangeException>(() => fill.LocalCacheExpiration = TimeSpan.FromTicks(-1)).ParamName);
        Assert.Throws<ArgumentNullException>(() => new CacheFill(null!));
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryChoosesTheLifetimes_TheyHold()
    {
        await using var cache = New();
        await cache.GetOrCreateAsync(
            "k",
            (fill, _) =>
            {
                Assert.Equal(TimeSpan.FromMinutes(1), fill.Expiration);
                fill.Expiration = TimeSpan.FromHours(1);
                fill.LocalCacheExpiration = TimeSpan.FromMinutes(10);
                return ValueTask.FromResult(1);
            },
            new() { Expiration = TimeSpan.FromMinutes(1) });

        Assert.Equal(TimeSpan.FromHours(1), _store.Lifetimes["default:k"]);
        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromTicks(1));
        Assert.Equal((1, 1), (await cache.GetAsync("k", 2), _store.Reads));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal((1, 2), (await cache.GetAsync("k", 2), _store.Reads));
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryLeavesTheCallsOptions_TheyHold()
    {
        await using var cache = New();
        await cache.GetOrCreateAsync("k", (_, _) => ValueTask.FromResult(1), new() { Expiration = TimeSpan.FromMinutes(1) }, ["t"]);

        Assert.Equal(TimeSpan.FromMinutes(1), _store.Lifetimes["default:k"]);
        await cache.RemoveByTagAsync("t");
        Assert.Equal(2, await cache.GetAsync("k", 2));
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryChoosesFlags_DecideWhereTheValueIsStored()
    {
        await using var cache = New();
        await cache.GetOrCreateAsync("k", (fill, _) =>
        {
            fill.Flags = HybridCacheEntryFlags.DisableDistributedCacheWrite;
            return ValueTask.FromResult(1);
        });

        Assert.Empty(_store.Values);
        Assert.Equal(1, await cache.GetAsync("k", 2));
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryChoosesToKeepTheValueFromTheSharedLevel_GivesItsLeaseBack()
    {
        var shared = new InProcessSharedStore();
        await using var one = Cached.On(shared, _bus);
        await using var two = Cached.On(shared, _bus);
        await one.GetOrCreateAsync("k", (fill, _) =>
        {
            fill.Flags = HybridCacheEntryFlags.DisableDistributedCacheWrite;
            return ValueTask.FromResult(1);
        });

        Assert.Equal(2, await two.GetAsync("k", 2));
        Assert.Equal(1, await one.GetAsync("k", 3));
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryChoosesTags_TheirRemovalVoidsTheEntryEverywhere()
    {
        await using var cache = New();
        await using var other = New();
        await cache.GetOrCreateAsync("k", (fill, _) =>
        {
            fill.Tags = ["user:7"];
            return ValueTask.FromResult(1);
        });
        Assert.Equal(1, await other.GetAsync("k", 2));

        await cache.RemoveByTagAsync("user:7");

        Assert.Equal(3, await other.GetAsync("k", 3));
        Assert.Equal(3, await cache.GetAsync("k", 4));
    }

    [Fact]
    public async Task GetOrCreateAsync_TagRemovedWhileTheFactoryThatChoosesItRuns_IsNotStored()
    {
        await using var cache = New();
        var gate = new Gate();
        var reading = ReadTaggedAsync(cache, gate);
        await gate.Reached;

        await cache.RemoveByTagAsync("user:7");
        gate.Open();

        Assert.Equal(1, await reading);
        Assert.Equal(2, await cache.GetAsync("k", 2));
    }

    [Fact]
    public async Task GetOrCreateAsync_JoinsAFillWhoseTagWasRemovedBefore_DoesNotGetItsValue()
    {
        // The interleaving: the fill begins; the tag is removed; a caller joins, because the table cannot know the tag yet; the factory chooses it.
        await using var cache = New();
        var gate = new Gate();
        var reading = ReadTaggedAsync(cache, gate);
        await gate.Reached;
        await cache.RemoveByTagAsync("user:7");

        var late = cache.GetAsync("k", 2).AsTask();
        Assert.False(late.IsCompleted);
        gate.Open();

        Assert.Equal((1, 2), (await reading, await late));
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryChoosesBadTags_ReturnsTheValueAndCachesNothing()
    {
        await using var cache = New();

        Assert.Equal(1, await Tagged("x\n"));
        Assert.Equal(2, await cache.GetAsync("k", 2));
        await cache.RemoveAsync("k");
        await Assert.ThrowsAsync<ArgumentException>(() => Tagged("*"));

        Task<int> Tagged(string tag) => cache.GetOrCreateAsync("k", (fill, _) =>
        {
            fill.Tags = [tag];
            return ValueTask.FromResult(1);
        }).AsTask();
    }

    [Fact]
    public async Task TryGetStale_ExpiredValue_IsGivenAndLivesAgainWhenReturned()
    {
        await using var cache = New(o => o.FailSafeMaximum = TimeSpan.FromHours(1));
        await cache.SetAsync("k", new Session("ann", ["read"]));
        _time.Advance(TimeSpan.FromMinutes(5));

        var kept = await KeepAsync(cache);
        Assert.Equal("ann", kept.User);
        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));

        Assert.Equal("ann", (await cache.GetAsync("k", new Session("bob", []))).User);
        await using var cold = New(o => o.FailSafeMaximum = TimeSpan.FromHours(1));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("ann", (await KeepAsync(cold)).User);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TryGetStale_RemovedOrOtherType_GivesNothing(bool isRemoved)
    {
        await using var cache = New(o => o.FailSafeMaximum = TimeSpan.FromHours(1));
        if (isRemoved)
            await cache.SetAsync("k", new Session("ann", []));
        else
            await cache.SetAsync("k", 5);
        _time.Advance(TimeSpan.FromMinutes(5));
        if (isRemoved)
            await cache.RemoveAsync("k");

        Assert.Equal("nobody", (await KeepAsync(cache)).User);
    }

    [Fact]
    public async Task GetOrCreateAsync_EveryOverload_FindsTheSameEntry()
    {
        await using var cache = New();
        var (id, asked) = (7, 0);

        Assert.Equal(1, await cache.GetOrCreateAsync("k:7", (_, _) => ValueTask.FromResult(++asked)));
        Assert.Equal(1, await cache.GetOrCreateAsync("k:7", 0, (_, _, _) => ValueTask.FromResult(++asked)));
        Assert.Equal(1, await cache.GetOrCreateAsync($"k:{id}", 0, (_, _, _) => ValueTask.FromResult(++asked)));
        Assert.Equal(1, await cache.GetOrCreateAsync($"k:{id}", (_, _) => ValueTask.FromResult(++asked)));
        Assert.Equal(1, await cache.GetOrCreateAsync("k:7".AsSpan(), 0, (_, _, _) => ValueTask.FromResult(++asked)));
        Assert.Equal(2, await cache.GetOrCreateAsync($"l:{id}", (fill, _) => ValueTask.FromResult(fill.Key == "l:7" ? ++asked : 0)));
    }

    [Fact]
    public async Task GetOrCreateAsync_KeyOutOfBounds_RunsTheFactoryAlone()
    {
        await using var cache = New();

        Assert.Equal("", await cache.GetOrCreateAsync("", (fill, _) => ValueTask.FromResult(fill.Key)));
        Assert.Empty(_store.Values);
    }

    private static Task<int> ReadTaggedAsync(TwoLevelCache cache, Gate gate) => cache.GetOrCreateAsync("k", async (fill, _) =>
    {
        fill.Tags = ["user:7"];
        await gate.PassAsync();
        return 1;
    }).AsTask();

    private static ValueTask<Session> KeepAsync(TwoLevelCache cache) => cache.GetOrCreateAsync(
        "k", (fill, _) => ValueTask.FromResult(fill.TryGetStale(out Session? known) ? known! : new Session("nobody", [])));

    private TwoLevelCache New(Action<TwoLevelCacheOptions>? configure = null) => Cached.New(_store, _bus, _time, configure);
}
