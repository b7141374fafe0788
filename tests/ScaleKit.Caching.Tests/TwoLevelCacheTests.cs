using Microsoft.Extensions.Caching.Hybrid;
using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class TwoLevelCacheTests
{
    [Fact]
    public async Task GetOrCreateAsync_SecondCall_DoesNotRunTheFactory()
    {
        await using var cache = Cached.New();

        Assert.Equal(1, await cache.GetAsync("k", 1));
        Assert.Equal(1, await cache.GetAsync("k", 2));
        Assert.Equal(2, await cache.GetAsync("other", 2));
    }

    [Fact]
    public async Task GetOrCreateAsync_EveryOverload_FindsTheSameEntry()
    {
        await using var cache = Cached.New();
        HybridCache hybrid = cache;
        var id = 7;
        await hybrid.SetAsync("user:7", "set");

        Assert.Equal("set", await hybrid.GetOrCreateAsync("user:7", _ => ValueTask.FromResult("made")));
        Assert.Equal("set", await hybrid.GetOrCreateAsync("user:7", 0, (_, _) => ValueTask.FromResult("made")));
        Assert.Equal("set", await hybrid.GetOrCreateAsync("user:7".AsSpan(), _ => ValueTask.FromResult("made")));
        Assert.Equal("set", await hybrid.GetOrCreateAsync("user:7".AsSpan(), 0, (_, _) => ValueTask.FromResult("made")));
        Assert.Equal("set", await hybrid.GetOrCreateAsync($"user:{id}", _ => ValueTask.FromResult("made")));
        Assert.Equal("set", await hybrid.GetOrCreateAsync($"user:{id}", 0, (_, _) => ValueTask.FromResult("made")));
    }

    [Fact]
    public async Task GetOrCreateAsync_SpanKeyMiss_FillsUnderThatKey()
    {
        await using var cache = Cached.New(new MemoryStore());

        Assert.Equal(1, await cache.GetOrCreateAsync("abc".AsSpan(0, 2), 1, (v, _) => ValueTask.FromResult(v)));
        Assert.Equal(1, await cache.GetAsync("ab", 2));
    }

    [Fact]
    public async Task GetOrCreateAsync_ImmutableValue_IsSharedAsItIs()
    {
        await using var cache = Cached.New(new MemoryStore());
        var badge = new Badge("ann");
        var text = new string('x', 3);

        Assert.Same(badge, await cache.GetAsync("badge", badge));
        Assert.Same(badge, await cache.GetAsync("badge", new Badge("bob")));
        Assert.Same(text, await cache.GetAsync("text", text));
        Assert.Same(text, await cache.GetAsync("text", ""));
    }

    [Fact]
    public async Task GetOrCreateAsync_MutableValue_GivesEveryCallerItsOwn()
    {
        await using var cache = Cached.New();
        var first = await cache.GetAsync("s", new Session("ann", ["read"]));
        first.Rights.Add("spoilt");

        var second = await cache.GetAsync("s", new Session("bob", []));
        var third = await cache.GetAsync("s", new Session("bob", []));

        Assert.Equal(["read"], second.Rights);
        Assert.NotSame(second, third);
        Assert.NotSame(second.Rights, third.Rights);
    }

    [Fact]
    public async Task GetOrCreateAsync_Null_IsCachedLikeAnyValue()
    {
        var store = new MemoryStore();
        await using var cache = Cached.New(store);
        Assert.Null(await cache.GetAsync<Session?>("none", null));

        Assert.Null(await cache.GetAsync<Session?>("none", new Session("ann", [])));
        await using var other = Cached.New(store);
        Assert.Null(await other.GetAsync<Session?>("none", new Session("ann", [])));
        Assert.Equal(new CacheLookup<Session?>(true, null), await other.TryGetAsync<Session?>("none"));
    }

    [Fact]
    public async Task GetOrCreateAsync_OtherTypeUnderTheKey_IsAMissAndNoError()
    {
        await using var cache = Cached.New(new MemoryStore());
        await cache.GetAsync("k", "text");

        Assert.Equal(5, await cache.GetAsync("k", 5));
    }

    [Fact]
    public async Task GetOrCreateAsync_NewProcess_ReadsTheDistributedLevel()
    {
        var store = new MemoryStore();
        var buffers = new BufferStore();
        foreach (var level in new[] { store, buffers })
        {
            await using (var first = Cached.New(level))
                await first.GetAsync("s", new Session("ann", ["read"]));
            await using var second = Cached.New(level);
            var read = await second.GetAsync("s", new Session("bob", []));
            Assert.Equal("ann", read.User);
        }

        Assert.Equal((2, 1), (buffers.BufferReads, buffers.BufferWrites));
    }

    [Fact]
    public async Task GetOrCreateAsync_NamedCaches_DoNotMixInOneStore()
    {
        var (store, bus) = (new MemoryStore(), new InProcessInvalidationBus());
        await using var a = Cached.New(store, bus, configure: o => o.Name = "a");
        await using var b = Cached.New(store, bus, configure: o => o.Name = "b");
        await a.GetAsync("k", 1);

        Assert.Equal(2, await b.GetAsync("k", 2));
        await b.RemoveByTagAsync("*");
        Assert.Equal(1, await a.GetAsync("k", 3));
    }

    [Fact]
    public async Task TryGetAsync_AnyState_TellsFoundFromMissing()
    {
        var store = new MemoryStore();
        await using var cache = Cached.New(store);
        Assert.False((await cache.TryGetAsync<int>("k")).IsFound);
        await cache.SetAsync("k", 0);
        Assert.Equal(new CacheLookup<int>(true, 0), await cache.TryGetAsync<int>("k"));
        await using var other = Cached.New(store);
        Assert.Equal(new CacheLookup<int>(true, 0), await other.TryGetAsync<int>("k"));
        await cache.RemoveAsync("k");
        Assert.False((await cache.TryGetAsync<int>("k")).IsFound);
    }

    [Fact]
    public async Task SetAsync_ThenGet_IsSeenInBothLevels()
    {
        var store = new MemoryStore();
        await using var cache = Cached.New(store);
        await cache.GetAsync("k", 1);

        await cache.SetAsync("k", 2);

        Assert.Equal(2, await cache.GetAsync("k", 3));
        await using var other = Cached.New(store);
        Assert.Equal(2, await other.GetAsync("k", 3));
    }

    [Fact]
    public async Task RemoveAsync_ManyKeys_RemovesThemInOneRecordPer256()
    {
        var (store, bus) = (new MemoryStore(), new InProcessInvalidationBus());
        await using var cache = Cached.New(store, bus);
        var keys = Enumerable.Range(0, 300).Select(i => $"k{i}").ToArray();
        foreach (var key in keys)
            await cache.GetAsync(key, 1);

        await cache.RemoveAsync(keys);
        await cache.RemoveAsync((IEnumerable<string>)null!);
        await cache.RemoveByTagAsync((IEnumerable<string>)null!);

        Assert.Empty(store.Values);
        Assert.Equal(2, (await bus.ReadFromAsync("default", default)).Head.Sequence);
        Assert.Equal(2, await cache.GetAsync("k299", 2));
    }

    [Fact]
    public async Task RemoveByTagAsync_OneOfSeveralTags_RemovesTheEntry()
    {
        await using var cache = Cached.New(new MemoryStore());
        await cache.GetAsync("ab", 1, null, "a", "b", "b");
        await cache.GetAsync("c", 1, null, "c");
        await cache.GetAsync("plain", 1);

        await cache.RemoveByTagAsync(["b", "x"]);

        Assert.Equal(2, await cache.GetAsync("ab", 2, null, "a", "b"));
        Assert.Equal(1, await cache.GetAsync("c", 2));
        Assert.Equal(1, await cache.GetAsync("plain", 2));
        await cache.RemoveByTagAsync("*");
        Assert.Equal(3, await cache.GetAsync("ab", 3));
        Assert.Equal(3, await cache.GetAsync("plain", 3));
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryThrows_CallerSeesItAndNothingIsCached()
    {
        await using var cache = Cached.New(new MemoryStore());

        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await cache.GetOrCreateAsync<int>("k", _ => throw new InvalidOperationException("the database")));

        Assert.Equal("the database", error.Message);
        Assert.Equal(1, await cache.GetAsync("k", 1));
    }

    [Fact]
    public async Task GetOrCreateAsync_StoreFails_IsAMissAndNoError()
    {
        var store = new MemoryStore { BeforeRead = _ => throw new IOException("down"), BeforeWrite = _ => throw new IOException("down") };
        using var log = new RecordedLog();
        await using var cache = Cached.New(store, log: log);

        Assert.Equal(1, await cache.GetAsync("k", 1));
        Assert.Equal(1, await cache.GetAsync("k", 2));
        Assert.Equal(2, log.Lines.Count);
        await Assert.ThrowsAsync<IOException>(async () => await cache.SetAsync("k", 3));
    }

    [Fact]
    public async Task GetOrCreateAsync_UnserializableValue_IsReturnedAndNotCached()
    {
        await using var cache = Cached.New(new MemoryStore());
        var loop = new Loop();
        loop.Self = loop;

        Assert.Same(loop, await cache.GetAsync("k", loop));
        Assert.False((await cache.TryGetAsync<Loop>("k")).IsFound);
        await Assert.ThrowsAnyAsync<Exception>(async () => await cache.SetAsync("k", loop));
    }

    [Fact]
    public async Task GetOrCreateAsync_BadArguments_ThrowAtOnce()
    {
        await using var cache = Cached.New();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAsync<ArgumentNullException>("key", async () => await cache.GetAsync(null!, 1));
        await Assert.ThrowsAsync<ArgumentNullException>("factory", async () => await cache.GetOrCreateAsync<int, int>("k", 0, null!));
        await Assert.ThrowsAsync<ArgumentException>("tags", async () => await cache.GetAsync("k", 1, null, "*"));
        await Assert.ThrowsAsync<ArgumentException>("tags", async () => await cache.GetAsync("k", 1, null, null!, "a"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () =>
            await cache.GetAsync("k", 1, new HybridCacheEntryOptions { Expiration = TimeSpan.Zero }));
        await Assert.ThrowsAsync<OperationCanceledException>(async () =>
            await cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(1), cancellationToken: cancelled.Token));
        await Assert.ThrowsAsync<ArgumentException>("keys", async () => await cache.RemoveAsync(["a", null!]));
    }

    [Fact]
    public async Task Dispose_Twice_LeavesTheBusAndNoTimers()
    {
        var (time, bus) = (new ManualTimeProvider(), new InProcessInvalidationBus());
        var cache = Cached.New(bus: bus, time: time);
        await cache.GetAsync("k", 1);

        cache.Dispose();
        await cache.DisposeAsync();
        await bus.AppendAsync(new Invalidation("default", ["k"]));

        Assert.Equal(0, time.ArmedTimers);
    }

    private sealed class Loop
    {
        public Loop? Self { get; set; }
    }
}
