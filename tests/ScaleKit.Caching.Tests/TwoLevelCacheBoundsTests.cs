using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class TwoLevelCacheBoundsTests
{
    // By number: the test runner would repair the lone surrogates on their way.
    private static readonly string[] BadKeys = ["", "a\u0001b", "line\nbreak", "lone \ud800", "lone \udc00 low", "\ud800", new string('x', 1025)];

    private readonly MemoryStore _store = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task AnyCall_KeyOutOfBounds_BypassesTheCacheAndRunsTheFactory(int number)
    {
        var key = BadKeys[number];
        var name = $"bounds-{number}";
        using var measured = new Measurements(name);
        await using var cache = Cached.New(_store, configure: o => o.Name = name);

        Assert.Equal(1, await cache.GetAsync(key, 1));
        Assert.Equal(2, await cache.GetAsync(key, 2));
        Assert.Equal(3, await cache.GetOrCreateAsync(key.AsSpan(), 3, (v, _) => ValueTask.FromResult(v)));
        await cache.SetAsync(key, 4);
        Assert.False((await cache.TryGetAsync<int>(key)).IsFound);
        await cache.RemoveAsync(key);
        await cache.RemoveAsync([key]);
        await cache.RemoveByTagAsync(key);

        Assert.Equal(0, _store.Writes + _store.Reads);
        Assert.Equal(4, measured["scalekit.cache.requests/bypass"]);
    }

    [Theory]
    [InlineData("ä € 😀")]
    [InlineData(" ")]
    [InlineData("a:b{c}*?")]
    public async Task AnyCall_OddButValidKey_IsCached(string key)
    {
        await using var cache = Cached.New(_store);
        await cache.GetAsync(key, 1, null, key);
        await using var other = Cached.New(_store);

        Assert.Equal(1, await cache.GetAsync(key, 2));
        await cache.RemoveByTagAsync(key);
        Assert.Equal(3, await cache.GetAsync(key, 3));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task AnyCall_KeyOrTagOfAMillionCharacters_IsNotHeldOntoNorInAMetric(int kind)
    {
        var name = $"huge-{kind}";
        using var measured = new Measurements(name);
        await using var cache = Cached.New(_store, configure: o => o.Name = name);
        await cache.GetAsync("small", 1);

        var huge = await CallWithAsync(cache, kind);

        // What holds a key holds it for longer than two collections: a table of removals, a flight, an entry.
        await Eventually.HoldsAsync(
            () =>
            {
                GC.Collect();
                return !huge.IsAlive;
            },
            "nothing holds the text");
        Assert.Equal([$"{name}:small"], _store.Values.Keys);
        Assert.Equal(1, measured.Observe()["scalekit.cache.entries"]);
        Assert.All(measured.Names, n => Assert.InRange(n.Length, 1, 60));
    }

    [Fact]
    public async Task GetOrCreateAsync_TagsOutOfBounds_BypassTheCache()
    {
        await using var cache = Cached.New(_store);

        await cache.GetAsync("long", 1, null, new string('t', 1025));
        await cache.GetAsync("many", 1, null, [.. Enumerable.Range(0, 17).Select(i => $"t{i}")]);
        await cache.GetAsync("sixteen", 1, null, [.. Enumerable.Range(0, 16).Select(i => $"t{i}")]);

        Assert.Equal(["default:sixteen"], _store.Values.Keys);
    }

    [Fact]
    public async Task SetAsync_TagsOutOfBounds_StillVoidsTheOldValue()
    {
        await using var cache = Cached.New(_store);
        await cache.SetAsync("k", 1);

        await cache.SetAsync("k", 2, tags: [new string('t', 1025)]);

        Assert.False((await cache.TryGetAsync<int>("k")).IsFound);
    }

    [Fact]
    public async Task AnyCall_PayloadOverTheLimit_ReturnsTheValueAndCachesNothing()
    {
        using var log = new RecordedLog();
        await using var cache = Cached.New(_store, configure: o => o.MaximumPayloadBytes = 100, log: log);
        await cache.SetAsync("k", new byte[100]);

        Assert.Equal(101, (await cache.GetAsync("big", new byte[101])).Length);
        await cache.SetAsync("k", new byte[101]);

        Assert.Empty(_store.Values);
        Assert.False((await cache.TryGetAsync<byte[]>("k")).IsFound);
        Assert.Single(log.Lines);
    }

    [Fact]
    public async Task GetOrCreateAsync_MoreEntriesThanTheLimit_KeepsTheNewestAndStaysWithin()
    {
        await using var cache = Cached.New(configure: o => o.SizeLimit = 100);
        for (var i = 0; i < 1000; i++)
        {
            await cache.GetAsync($"k{i}", i);
            Assert.Equal(i, await cache.GetAsync($"k{i}", -1));
        }

        var held = 0;
        for (var i = 0; i < 1000; i++)
            held += (await cache.TryGetAsync<int>($"k{i}")).IsFound ? 1 : 0;
        Assert.InRange(held, 50, 100);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public async Task GetOrCreateAsync_ForeignOrCorruptPayload_IsAMissAndIsLoggedOnce(int keptBytes)
    {
        using var log = new RecordedLog();
        using var measured = new Measurements($"corrupt-{keptBytes}");
        await using var cache = Cached.New(_store, configure: o => o.Name = $"corrupt-{keptBytes}", log: log);
        await cache.GetAsync("k", "value");
        var whole = _store.Values.Single();
        foreach (var key in new[] { "a", "b", "c" })
            _store.Values[$"corrupt-{keptBytes}:{key}"] = whole.Value[..^(whole.Value.Length - keptBytes)];
        _store.Values[$"corrupt-{keptBytes}:moved"] = whole.Value;

        foreach (var key in new[] { "a", "b", "c", "moved" })
            Assert.Equal("fresh", await cache.GetAsync(key, "fresh"));

        Assert.Single(log.Lines);
        Assert.Equal(4, measured["scalekit.cache.rejections/corrupt"]);
    }

    /// <summary>A method of its own, so that nothing of the test keeps the text alive.</summary>
    private static async Task<WeakReference> CallWithAsync(TwoLevelCache cache, int kind)
    {
        var huge = kind switch
        {
            0 => new string('x', 1_000_000),
            1 => new string('\ud800', 1_000_000),
            _ => new string('\u0001', 1_000_000),
        };
        await cache.GetAsync(huge, 1);
        await cache.GetAsync("tagged", 1, null, huge);
        await cache.GetOrCreateManyAsync([huge], (_, _) => new ValueTask<IReadOnlyDictionary<string, int>>(new Dictionary<string, int>()));
        await cache.SetAsync(huge, 1);
        await cache.RemoveAsync(huge);
        await cache.RemoveByTagAsync(huge);
        Assert.False((await cache.TryGetAsync<int>(huge)).IsFound);
        return new WeakReference(huge);
    }
}
