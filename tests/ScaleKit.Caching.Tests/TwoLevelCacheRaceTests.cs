namespace ScaleKit.Caching.Tests;

/// <summary>
/// The invariant: a read that begins after an invalidation has returned sees no value that was made before it. Each test holds an operation at the point
/// where a cache without versions breaks it.
/// </summary>
public sealed class TwoLevelCacheRaceTests
{
    private readonly InProcessInvalidationBus _bus = new();
    private readonly MemoryStore _store = new();

    public static TheoryData<Invalidating, bool> AllWays()
    {
        var ways = new TheoryData<Invalidating, bool>();
        foreach (var how in Enum.GetValues<Invalidating>())
        {
            ways.Add(how, false);
            ways.Add(how, true);
        }

        return ways;
    }

    public enum Invalidating
    {
        Remove,
        RemoveMany,
        Set,
        Tag,
        Clear,
    }

    [Theory]
    [MemberData(nameof(AllWays))]
    public async Task Fill_InvalidatedWhileTheFactoryRuns_IsNotStoredAnywhere(Invalidating how, bool onOtherNode)
    {
        await using var a = Cached.New(_store, _bus);
        await using var b = Cached.New(_store, _bus);
        var gate = new Gate();
        var reading = ReadSlowlyAsync(a, gate);
        await gate.Reached;

        await InvalidateAsync(onOtherNode ? b : a, how);
        gate.Open();
        Assert.Equal("old", await reading);

        await AssertNewAsync(a, b);
    }

    [Theory]
    [MemberData(nameof(AllWays))]
    public async Task Fill_InvalidatedWhileTheStoreIsWritten_IsNotServedAndIsTakenBack(Invalidating how, bool onOtherNode)
    {
        await using var a = Cached.New(_store, _bus);
        await using var b = Cached.New(_store, _bus);
        var gate = new Gate();
        _store.BeforeWrite = _ => gate.PassAsync();
        var reading = ReadAsync(a, "old");
        await gate.Reached;

        _store.BeforeWrite = null;
        await InvalidateAsync(onOtherNode ? b : a, how);
        gate.Open();
        await reading;

        await AssertNewAsync(a, b);
    }

    [Theory]
    [MemberData(nameof(AllWays))]
    public async Task Fill_InvalidatedWhileTheStoreIsRead_IsNotKeptInMemory(Invalidating how, bool onOtherNode)
    {
        await using var a = Cached.New(_store, _bus);
        await using var b = Cached.New(_store, _bus);
        await ReadAsync(b, "old");
        var old = _store.Values.ToArray();
        var gate = new Gate();
        _store.BeforeRead = async _ =>
        {
            _store.BeforeRead = null;
            await gate.PassAsync();
            foreach (var (key, value) in old)
                _store.Values[key] = value;
        };
        var reading = ReadAsync(a, "new");
        await gate.Reached;

        await InvalidateAsync(onOtherNode ? b : a, how);
        gate.Open();
        await reading;

        Assert.Equal("new", await ReadAsync(a, "new"));
    }

    [Fact]
    public async Task GetOrCreateAsync_AfterRemoveDuringAFill_DoesNotJoinTheOldFill()
    {
        await using var cache = Cached.New();
        var gate = new Gate();
        var old = ReadSlowlyAsync(cache, gate);
        await gate.Reached;
        await cache.RemoveAsync("k");

        Assert.Equal("new", await ReadAsync(cache, "new"));
        gate.Open();
        Assert.Equal("old", await old);
        Assert.Equal("new", await ReadAsync(cache, "newer"));
    }

    [Fact]
    public async Task SetAsync_TwoNodesTheLoserWritesLast_TheLaterVersionWins()
    {
        await using var a = Cached.New(_store, _bus);
        await using var b = Cached.New(_store, _bus);
        var gate = new Gate();
        _store.BeforeWrite = _ => gate.PassAsync();
        var first = a.SetAsync("k", "first", tags: ["t"]).AsTask();
        await gate.Reached;
        _store.BeforeWrite = null;
        await b.SetAsync("k", "second", tags: ["t"]);

        gate.Open();
        await first;

        await using var cold = Cached.New(_store, _bus);
        foreach (var node in new[] { a, b, cold })
            Assert.NotEqual("first", (await node.TryGetAsync<string>("k")).Value);
        Assert.Equal("second", await ReadAsync(b, "x"));
    }

    [Fact]
    public async Task RemoveByTagAsync_OtherNodeWithoutMemoryLevel_SeesIt()
    {
        await using var a = Cached.New(_store, _bus);
        await using var b = Cached.New(_store, _bus);
        await b.GetAsync("k", "old", Cached.NoLocal, "t");
        Assert.Equal("old", await b.GetAsync("k", "x", Cached.NoLocal, "t"));

        await a.RemoveByTagAsync("t");

        Assert.Equal("new", await b.GetAsync("k", "new", Cached.NoLocal, "t"));
        Assert.Equal("new", await b.GetAsync("k", "newer", Cached.NoLocal, "t"));
    }

    [Fact]
    public async Task GetOrCreateAsync_ColdNodeAfterATagRemoval_DoesNotTakeTheOldEntry()
    {
        await using var a = Cached.New(_store, _bus);
        for (var i = 0; i < 100; i++)
            await a.GetAsync($"k{i}", "old", null, $"t{i % 10}");
        await a.RemoveByTagAsync(Enumerable.Range(0, 10).Select(i => $"t{i}"));

        await using var cold = Cached.New(_store, _bus);

        for (var i = 0; i < 100; i++)
            Assert.Equal("new", await cold.GetAsync($"k{i}", "new", null, $"t{i % 10}"));
    }

    [Fact]
    public async Task GetOrCreateAsync_ColdNodeAfterTheTagWasForgotten_DoesNotTakeTheOldEntry()
    {
        var bus = new InProcessInvalidationBus(logCapacity: 1, tagCapacity: 4);
        await using var a = Cached.New(_store, bus);
        await a.GetAsync("k", "old", null, "t");
        await a.RemoveByTagAsync("t");
        for (var i = 0; i < 20; i++)
            await a.RemoveByTagAsync($"other{i}");

        await using var cold = Cached.New(_store, bus);

        Assert.Equal("new", await cold.GetAsync("k", "new", null, "t"));
        Assert.Equal("new", await a.GetAsync("k", "newer", null, "t"));
    }

    [Fact]
    public async Task GetOrCreateAsync_ColdNodeAfterAClear_DoesNotTakeTheOldEntry()
    {
        var bus = new InProcessInvalidationBus(logCapacity: 1, tagCapacity: 4);
        await using var a = Cached.New(_store, bus);
        await a.GetAsync("k", "old");
        await a.RemoveByTagAsync("*");
        for (var i = 0; i < 20; i++)
            await a.RemoveByTagAsync($"other{i}");

        await using var cold = Cached.New(_store, bus);

        Assert.Equal("new", await cold.GetAsync("k", "new"));
    }

    [Fact]
    public async Task GetOrCreateAsync_TaggedEntryOfAnotherLog_CannotBeJudgedAndIsAMiss()
    {
        await using var a = Cached.New(_store);
        await a.GetAsync("tagged", "theirs", null, "t");
        await a.GetAsync("plain", "theirs");

        await using var b = Cached.New(_store);

        Assert.Equal("ours", await b.GetAsync("tagged", "ours", null, "t"));
        Assert.Equal("theirs", await b.GetAsync("plain", "ours"));
    }

    [Fact]
    public async Task GetOrCreateAsync_EntryFromBeforeAClearAndARestart_IsAMiss()
    {
        // The restart brings a new log whose sequences say nothing of the old one: only the mark in the store tells of the clear.
        await using (var before = Cached.New(_store))
        {
            await before.SetAsync("cleared", "old");
            await before.RemoveByTagAsync("*");
            await before.SetAsync("kept", "since");
        }

        await using var after = Cached.New(_store);

        Assert.Equal("new", await after.GetAsync("cleared", "new"));
        Assert.Equal("since", await after.GetAsync("kept", "new"));
    }

    [Fact]
    public async Task RemoveByTagAsync_MarkOfAClearCannotBeWritten_CallerSeesItAndTheClearIsInForce()
    {
        await using var cache = Cached.New(_store);
        await cache.SetAsync("k", "old");
        _store.BeforeWrite = _ => throw new IOException("down");

        await Assert.ThrowsAsync<IOException>(async () => await cache.RemoveByTagAsync("*"));

        Assert.Equal("new", await cache.GetAsync("k", "new"));
    }

    [Fact]
    public async Task GetOrCreateAsync_MoreKeysRemovedThanRemembered_OldFillIsNotStored()
    {
        await using var cache = Cached.New(_store, _bus, configure: o => o.TrackedInvalidations = 16);
        var gate = new Gate();
        var reading = ReadSlowlyAsync(cache, gate);
        await gate.Reached;
        await cache.RemoveAsync("k");
        await cache.RemoveAsync(Enumerable.Range(0, 10).Select(i => $"x{i}"));
        for (var i = 0; i < 40; i++)
            await cache.RemoveAsync($"y{i}");

        gate.Open();
        await reading;

        Assert.Equal("new", await ReadAsync(cache, "new"));
    }

    private static Task<string> ReadSlowlyAsync(TwoLevelCache cache, Gate gate) =>
        cache.GetOrCreateAsync(
            "k",
            async _ =>
            {
                const string Read = "old";
                await gate.PassAsync();
                return Read;
            },
            tags: ["t"]).AsTask();

    private static Task<string> ReadAsync(TwoLevelCache cache, string fresh) => cache.GetAsync("k", fresh, null, "t").AsTask();

    private static ValueTask InvalidateAsync(TwoLevelCache cache, Invalidating how) => how switch
    {
        Invalidating.Remove => cache.RemoveAsync("k"),
        Invalidating.RemoveMany => cache.RemoveAsync(["j", "k"]),
        Invalidating.Set => cache.SetAsync("k", "new", tags: ["t"]),
        Invalidating.Tag => cache.RemoveByTagAsync("t"),
        _ => cache.RemoveByTagAsync("*"),
    };

    private async Task AssertNewAsync(TwoLevelCache a, TwoLevelCache b)
    {
        await using var cold = Cached.New(_store, _bus);
        Assert.NotEqual("old", (await cold.TryGetAsync<string>("k")).Value);
        Assert.Equal("new", await ReadAsync(a, "new"));
        Assert.Equal("new", await ReadAsync(b, "new"));
        await using var later = Cached.New(_store, _bus);
        Assert.Equal("new", await ReadAsync(later, "new"));
    }
}
