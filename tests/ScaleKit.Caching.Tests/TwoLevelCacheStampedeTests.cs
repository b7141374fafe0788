using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class TwoLevelCacheStampedeTests
{
    private readonly Gate _gate = new();
    private int _factoryCalls;

    [Fact]
    public async Task GetOrCreateAsync_ManyCallersOfAColdKey_RunOneFactory()
    {
        await using var cache = Cached.New(new MemoryStore());
        var callers = Enumerable.Range(0, 1000).Select(_ => Task.Run(() => ReadAsync(cache, CancellationToken.None))).ToArray();
        await _gate.Reached;

        _gate.Open();

        Assert.All(await Task.WhenAll(callers), s => Assert.Equal("ann", s.User));
        Assert.Equal(1, _factoryCalls);
        Assert.Equal(1000, callers.Select(c => c.Result).Distinct(ReferenceEqualityComparer.Instance).Count());
    }

    [Fact]
    public async Task GetOrCreateAsync_OverAndOver_NeverRunsASecondFactoryForALiveEntry()
    {
        // The gap between a caller's miss and its flight: without the second look of a flight, a caller that missed just before the publish runs the factory again.
        await using var cache = Cached.New();
        for (var round = 0; round < 300; round++)
        {
            var calls = 0;
            var key = $"k{round}";
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
                cache.GetOrCreateAsync(key, _ => ValueTask.FromResult(Interlocked.Increment(ref calls))).AsTask())));
            Assert.Equal(1, calls);
        }
    }

    [Fact]
    public async Task GetOrCreateAsync_SharedReadingOfAMutableValueNotForMemory_GivesEachCallerAnObjectOfItsOwn()
    {
        // No entry is made for a reading that nobody shares and memory does not keep; who joined needs one to copy from.
        var store = new MemoryStore();
        await using var cache = Cached.New(store);
        await cache.SetAsync("k", new Session("ann", []));
        store.BeforeRead = _ => _gate.PassAsync();
        var first = cache.GetAsync<Session>("k", null!, Cached.NoLocal).AsTask();
        await _gate.Reached;
        var second = cache.GetAsync<Session>("k", null!, Cached.NoLocal).AsTask();

        _gate.Open();

        Assert.Equal("ann", (await first).User);
        Assert.Equal("ann", (await second).User);
        Assert.NotSame(await first, await second);
        Assert.Equal(2, store.Reads + store.Writes);
    }

    [Fact]
    public async Task GetOrCreateAsync_OneWaiterCancels_TheOthersGetTheValue()
    {
        await using var cache = Cached.New();
        using var leader = new CancellationTokenSource();
        using var joiner = new CancellationTokenSource();
        var first = ReadAsync(cache, leader.Token);
        await _gate.Reached;
        var second = ReadAsync(cache, joiner.Token);
        var third = ReadAsync(cache, CancellationToken.None);

        await leader.CancelAsync();
        await joiner.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        _gate.Open();

        Assert.Equal("ann", (await third).User);
        Assert.Equal(1, _factoryCalls);
    }

    [Fact]
    public async Task GetOrCreateAsync_AllWaitersCancel_TheFactoryIsCancelledAndTheNextCallStartsAnew()
    {
        await using var cache = Cached.New();
        using var source = new CancellationTokenSource();
        var cancelled = new TaskCompletionSource();
        var first = cache.GetOrCreateAsync(
            "k",
            async token =>
            {
                using var registration = token.Register(() => cancelled.TrySetResult());
                await _gate.PassAsync();
                return new Session("late", []);
            },
            cancellationToken: source.Token).AsTask();
        await _gate.Reached;

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal("new", (await cache.GetAsync("k", new Session("new", []))).User);
        _gate.Open();
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryThrows_EveryWaiterSeesIt()
    {
        await using var cache = Cached.New();
        var callers = Enumerable.Range(0, 20).Select(_ => cache.GetOrCreateAsync<int>("k", async _ =>
        {
            Interlocked.Increment(ref _factoryCalls);
            await _gate.PassAsync();
            throw new InvalidOperationException("the database");
        }).AsTask()).ToArray();
        await _gate.Reached;

        _gate.Open();

        foreach (var caller in callers)
            Assert.Equal("the database", (await Assert.ThrowsAsync<InvalidOperationException>(() => caller)).Message);
        Assert.Equal(1, _factoryCalls);
        Assert.Equal(1, await cache.GetAsync("k", 1));
    }

    [Fact]
    public async Task JoinOrLead_AfterEveryFlight_LeavesNothingInTheTable()
    {
        var versions = new CacheVersions(16);
        versions.Resume(new InvalidationPosition(1, 0));
        var table = new FlightTable(versions);
        var key = new FlightKey("k", default, typeof(int));

        Assert.True(table.JoinOrLead<int>(key, [], canJoin: true, canLeave: true, out var first));
        Assert.False(table.JoinOrLead<int>(key, [], canJoin: true, canLeave: true, out var joined));
        Assert.Same(first, joined);
        first.Leave();
        first.Leave();
        Assert.True(table.JoinOrLead<int>(key, [], canJoin: true, canLeave: true, out var second));
        table.Remove(key, first);
        Assert.Equal(1, table.Count);
        table.Remove(key, second);
        Assert.Equal(0, table.Count);
        await Eventually.HoldsAsync(() => first.Abandoned.IsCancellationRequested, "an abandoned flight is cancelled");
    }

    private Task<Session> ReadAsync(TwoLevelCache cache, CancellationToken cancellationToken) => cache.GetOrCreateAsync(
        "k",
        async token =>
        {
            Interlocked.Increment(ref _factoryCalls);
            await _gate.PassAsync();
            token.ThrowIfCancellationRequested();
            return new Session("ann", []);
        },
        cancellationToken: cancellationToken).AsTask();
}
