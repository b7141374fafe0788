using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class TwoLevelCacheRefreshTests
{
    // 0.8 of 5 minutes; every node begins up to a tenth of the rest later.
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(240) - TimeSpan.FromTicks(1);
    private static readonly TimeSpan Due = TimeSpan.FromSeconds(246);
    private readonly ManualTimeProvider _time = new();
    private readonly InProcessInvalidationBus _bus = new();

    [Fact]
    public async Task GetOrCreateAsync_PastTheShareOfTheLifetime_ServesTheValueAndRefreshesItInTheBackground()
    {
        await using var cache = New();
        await cache.GetAsync("k", 1);
        _time.Advance(Early);
        Assert.Equal(1, await cache.GetAsync("k", 2));
        _time.Advance(Due - Early);
        using var seen = new Measurements("refresh");
        var gate = new Gate();
        var runs = 0;

        await HitUntilAsync(cache, () => gate.Reached.IsCompletedSuccessfully, async () =>
        {
            Interlocked.Increment(ref runs);
            await gate.PassAsync();
            return 2;
        });
        for (var i = 0; i < 100; i++)
            Assert.Equal(1, await cache.GetAsync("k", 3));
        gate.Open();

        await Eventually.HoldsAsync(async () => await cache.GetAsync("k", 3) == 2, "the refreshed value is served");
        Assert.Equal(1, runs);
        await Eventually.HoldsAsync(() => seen["scalekit.cache.eager_refreshes/made"] == 1, "the refresh is counted");
    }

    [Fact]
    public async Task GetOrCreateAsync_OtherNodeHasRefreshed_TakesItsValueWithoutAFactory()
    {
        var store = new MemoryStore();
        await using var one = New(new DistributedCacheStore(store));
        await using var two = New(new DistributedCacheStore(store));
        await one.GetAsync("k", 1);
        Assert.Equal(1, await two.GetAsync("k", 9));
        _time.Advance(Due);
        var before = store.Values["refresh:k"];
        await HitUntilAsync(one, async () => (await one.TryGetAsync<int>("k")).Value == 2, () => Task.FromResult(2));

        // Without conditional writes memory has the value first.
        await Eventually.HoldsAsync(() => !ReferenceEquals(before, store.Values["refresh:k"]), "the store has the refreshed value");
        var runs = 0;

        await HitUntilAsync(two, async () => (await two.TryGetAsync<int>("k")).Value == 2, () => Task.FromResult(++runs));

        Assert.Equal(0, runs);
    }

    [Fact]
    public async Task GetOrCreateAsync_AllNodesAreDueAtOnce_OneFactoryRunsForTheFleet()
    {
        var shared = new InProcessSharedStore();
        await using var one = New(shared);
        await using var two = New(shared);
        await one.GetAsync("k", 1);
        Assert.Equal(1, await two.GetAsync("k", 9));
        _time.Advance(Due);
        var gate = new Gate();
        await HitUntilAsync(one, () => gate.Reached.IsCompletedSuccessfully, async () =>
        {
            await gate.PassAsync();
            return 2;
        });
        var runs = 0;
        using var seen = new Measurements("refresh");
        await HitUntilAsync(two, () => seen["scalekit.cache.lease_waits"] == 1, () => Task.FromResult(++runs));

        gate.Open();

        await Eventually.HoldsAsync(async () => (await two.TryGetAsync<int>("k")).Value == 2, "the other node takes the value");
        Assert.Equal(0, runs);
    }

    [Fact]
    public async Task GetOrCreateAsync_RefreshFails_ServesTheValueAndTriesAgainLater()
    {
        var log = new RecordedLog();
        await using var cache = New(log: log);
        await cache.GetAsync("k", 1);
        _time.Advance(Due);
        await HitUntilAsync(cache, () => log.Lines.Count > 0, () => throw new IOException("down"));
        Assert.Equal(1, await cache.GetAsync("k", 2));
        await Eventually.HoldsAsync(async () => (await cache.TryGetAsync<int>("k")).Value == 1, "the value stays");

        _time.Advance((TimeSpan.FromMinutes(5) - Due) / 2);

        await HitUntilAsync(cache, async () => (await cache.TryGetAsync<int>("k")).Value == 2, () => Task.FromResult(2));
    }

    [Fact]
    public async Task GetOrCreateAsync_RemovedWhileARefreshRuns_TheRefreshedValueIsNotStored()
    {
        await using var cache = New();
        await cache.GetAsync("k", 1);
        _time.Advance(Due);
        var gate = new Gate();
        await HitUntilAsync(cache, () => gate.Reached.IsCompletedSuccessfully, async () =>
        {
            await gate.PassAsync();
            return 2;
        });

        await cache.RemoveAsync("k");
        Assert.Equal(3, await cache.GetAsync("k", 3));
        gate.Open();

        Assert.Equal(3, await cache.GetAsync("k", 4));
    }

    [Fact]
    public async Task RefreshAsync_Returns_EveryNodeServesTheNewValue()
    {
        var store = new MemoryStore();
        await using var one = New(new DistributedCacheStore(store));
        await using var two = New(new DistributedCacheStore(store));
        await one.GetAsync("k", 1);
        await two.GetAsync("k", 1);

        Assert.Equal(2, await one.RefreshAsync("k", (fill, _) => ValueTask.FromResult(fill.TryGetStale<int>(out var old) ? old : 2)));

        Assert.Equal(2, await two.GetAsync("k", 9));
        Assert.Equal(2, await one.GetAsync("k", 9));
    }

    [Fact]
    public async Task RefreshAsync_ManyCallersWhileOneRuns_ShareOneThatBeganAfterThem()
    {
        await using var cache = New();
        var gate = new Gate();
        var runs = 0;
        var first = cache.RefreshAsync("k", RunAsync).AsTask();
        await gate.Reached;

        var others = Enumerable.Range(0, 100).Select(_ => cache.RefreshAsync("k", RunAsync).AsTask()).ToArray();
        gate.Open();

        Assert.Equal("1", (await first).User);
        var seen = await Task.WhenAll(others);
        Assert.All(seen, s => Assert.Equal("2", s.User));
        Assert.Equal(100, seen.Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.Equal(2, runs);

        async ValueTask<Session> RunAsync(CancellationToken cancellationToken)
        {
            var run = Interlocked.Increment(ref runs);
            await gate.PassAsync();
            return new Session($"{run}", []);
        }
    }

    [Fact]
    public async Task RefreshAsync_FactoryFails_TheOldValueIsGoneAndTheNextRefreshRuns()
    {
        await using var cache = New();
        await cache.GetAsync("k", 1);

        await Assert.ThrowsAsync<IOException>(() => cache.RefreshAsync<int>("k", _ => throw new IOException("down")).AsTask());

        Assert.False((await cache.TryGetAsync<int>("k")).IsFound);
        Assert.Equal(2, await cache.RefreshAsync("k", _ => ValueTask.FromResult(2)));
    }

    [Fact]
    public async Task RefreshAsync_CallerGivesUp_TheRefreshGoesOn()
    {
        await using var cache = New();
        var gate = new Gate();
        using var giveUp = new CancellationTokenSource();
        var reading = cache.RefreshAsync(
            "k",
            async _ =>
            {
                await gate.PassAsync();
                return 2;
            },
            cancellationToken: giveUp.Token).AsTask();
        await gate.Reached;

        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        gate.Open();

        await Eventually.HoldsAsync(async () => (await cache.TryGetAsync<int>("k")).Value == 2, "the value is stored");
    }

    [Fact]
    public async Task RefreshAsync_CacheIsOffOrKeyIsBad_RunsTheFactoryAlone()
    {
        await using var cache = New();
        Assert.Equal(1, await cache.RefreshAsync("", _ => ValueTask.FromResult(1)));
        await cache.SetAsync("k", 1);
        cache.IsEnabled = false;

        Assert.Equal(2, await cache.RefreshAsync("k", _ => ValueTask.FromResult(2)));
    }

    private static Task HitUntilAsync(TwoLevelCache cache, Func<bool> condition, Func<Task<int>> factory) =>
        HitUntilAsync(cache, () => ValueTask.FromResult(condition()), factory);

    /// <summary>Hits until one of the hits has had its effect: right after the clock moved, the first ones may go the long way round to confirm the log.</summary>
    private static Task HitUntilAsync(TwoLevelCache cache, Func<ValueTask<bool>> condition, Func<Task<int>> factory) => Eventually.HoldsAsync(
        async () =>
        {
            Assert.NotEqual(9, await cache.GetOrCreateAsync("k", async _ => await factory()));
            return await condition();
        },
        "a hit starts the refresh");

    // A long lease: it ends by the store's clock, which runs, and is renewed by the cache's, which stands still.
    private TwoLevelCache New(ISharedStore? shared = null, RecordedLog? log = null) => new(
        new TwoLevelCacheOptions { Name = "refresh", JitterMaximum = TimeSpan.Zero, EagerRefreshAt = 0.8, FillLease = TimeSpan.FromMinutes(10) },
        shared,
        _bus,
        timeProvider: _time,
        loggerFactory: log);
}
