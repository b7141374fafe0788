using Microsoft.Extensions.Caching.Hybrid;
using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class TwoLevelCacheBatchTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly MemoryStore _store = new();
    private readonly List<string> _calls = [];

    [Fact]
    public async Task GetOrCreateManyAsync_SomeKeysCached_OneFactoryCallWithTheMissingOnes()
    {
        await using var cache = New();
        await cache.SetAsync("memory", "m");
        await cache.SetAsync("store", "s", new() { Flags = HybridCacheEntryFlags.DisableLocalCacheWrite });

        var values = await cache.GetOrCreateManyAsync(["a", "memory", "b", "store", "a"], MakeAsync);

        Assert.Equal(["a=A", "b=B", "memory=m", "store=s"], values.Select(v => $"{v.Key}={v.Value}").Order(StringComparer.Ordinal));
        Assert.Equal(["a,b"], _calls);
        await cache.GetOrCreateManyAsync(["a", "b", "memory", "store"], MakeAsync);
        Assert.Single(_calls);
        Assert.Equal("A", await cache.GetAsync("a", "single"));
    }

    [Fact]
    public async Task GetOrCreateManyAsync_KeyNotInTheAnswer_IsNotFoundForItsOwnLifetime()
    {
        await using var cache = New();

        var values = await cache.GetOrCreateManyAsync(["a", "none"], MakeAsync);

        Assert.Equal(2, values.Count);
        Assert.Null(values["none"]);
        Assert.Equal(TimeSpan.FromSeconds(30), _store.Lifetimes["default:none"]);
        Assert.Equal(TimeSpan.FromMinutes(5), _store.Lifetimes["default:a"]);
        Assert.Null(await cache.GetAsync<string?>("none", "made"));
    }

    [Fact]
    public async Task GetOrCreateManyAsync_KeyIsBeingFilled_WaitsForItAndDoesNotAskForIt()
    {
        await using var cache = New();
        var gate = new Gate();
        var single = cache.GetOrCreateAsync("a", async _ =>
        {
            await gate.PassAsync();
            return "single";
        }).AsTask();
        await gate.Reached;

        var batch = cache.GetOrCreateManyAsync(["a", "b"], MakeAsync).AsTask();
        await Eventually.HoldsAsync(() => _calls.Count == 1, "the batch does not wait for the other fill before it calls");
        gate.Open();

        Assert.Equal("single", (await batch)["a"]);
        Assert.Equal(["b"], _calls);
        Assert.Equal("single", await single);
    }

    [Fact]
    public async Task GetOrCreateAsync_KeyOfABatchUnderWay_SharesItsFactoryCall()
    {
        await using var cache = New();
        var gate = new Gate();
        var batch = SlowAsync(cache, gate, ["a", "b"]);
        await gate.Reached;

        var single = cache.GetAsync("a", "single").AsTask();
        Assert.False(single.IsCompleted);
        gate.Open();

        Assert.Equal("A", await single);
        Assert.Equal("B", (await batch)["b"]);
    }

    [Fact]
    public async Task GetOrCreateManyAsync_OneKeyRemovedWhileTheFactoryRuns_OnlyThatOneIsNotStored()
    {
        await using var cache = New();
        var gate = new Gate();
        var batch = SlowAsync(cache, gate, ["a", "b"]);
        await gate.Reached;

        await cache.RemoveAsync("a");
        gate.Open();

        Assert.Equal("A", (await batch)["a"]);
        Assert.Equal("new", await cache.GetAsync("a", "new"));
        Assert.Equal("B", await cache.GetAsync("b", "new"));
    }

    [Fact]
    public async Task GetOrCreateManyAsync_FactoryFails_ThrowsAndCachesNothing()
    {
        await using var cache = New();

        await Assert.ThrowsAsync<IOException>(
            () => cache.GetOrCreateManyAsync<string>(["a", "b"], (_, _) => throw new IOException("down")).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => cache.GetOrCreateManyAsync(["a"], (_, _) => ValueTask.FromResult<IReadOnlyDictionary<string, string>>(null!)).AsTask());

        Assert.Equal("new", await cache.GetAsync("a", "new"));
    }

    [Fact]
    public async Task GetOrCreateManyAsync_FactoryFailsWithExpiredValues_ServesThem()
    {
        await using var cache = New(o => o.FailSafeMaximum = TimeSpan.FromHours(1));
        await cache.GetOrCreateManyAsync(["a", "b"], MakeAsync);
        _time.Advance(TimeSpan.FromMinutes(5));

        var values = await cache.GetOrCreateManyAsync<string>(["a", "b"], (_, _) => throw new IOException("down"));

        Assert.Equal(("A", "B"), (values["a"], values["b"]));
    }

    [Fact]
    public async Task GetOrCreateManyAsync_CallersGiveUp_TheFactoryIsCancelledWhenNobodyWaitsForAnyKey()
    {
        await using var cache = New();
        var gate = new Gate();
        CancellationToken seen = default;
        using CancellationTokenSource one = new(), two = new();
        var batch = cache.GetOrCreateManyAsync<string>(
            ["a", "b"],
            async (_, c) =>
            {
                seen = c;
                await gate.PassAsync();
                throw new IOException("late");
            },
            cancellationToken: one.Token).AsTask();
        await gate.Reached;
        var single = cache.GetOrCreateAsync("b", _ => ValueTask.FromResult(""), cancellationToken: two.Token).AsTask();

        await one.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => batch);
        Assert.False(seen.IsCancellationRequested);
        await two.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => single);

        await Eventually.HoldsAsync(() => seen.IsCancellationRequested, "the factory is cancelled");
        gate.Open();
    }

    [Fact]
    public async Task GetOrCreateManyAsync_OneKeyWaitsForAnotherNode_TheOthersAreNotHeldUp()
    {
        // Otherwise two nodes whose batches hold each other's keys would wait for each other until a lease ends.
        var (shared, bus) = (new InProcessSharedStore(), new InProcessInvalidationBus());
        await using var here = new TwoLevelCache(shared: shared, bus: bus);
        await using var there = new TwoLevelCache(shared: shared, bus: bus);
        var gate = new Gate();
        var slow = SlowAsync(there, gate, ["y"]);
        await gate.Reached;

        var batch = here.GetOrCreateManyAsync(["x", "y"], MakeAsync).AsTask();
        await Eventually.HoldsAsync(() => _calls.Contains("x"), "the factory is called for the key that is free");
        gate.Open();

        Assert.Equal(("X", "Y"), ((await batch)["x"], (await batch)["y"]));
        Assert.Equal(["x"], _calls.Where(c => c.Contains('x')));
        await slow;
    }

    [Fact]
    public async Task GetOrCreateManyAsync_BadInput_IsRefusedOrBypassed()
    {
        await using var cache = New(o => o.MaximumBatchKeys = 3);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => cache.GetOrCreateManyAsync(["a", "b", "c", "d"], MakeAsync).AsTask());
        Assert.StartsWith("There are more than 3 different keys, the limit that MaximumBatchKeys sets.", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => cache.GetOrCreateManyAsync([null!], MakeAsync).AsTask());
        Assert.Empty(await cache.GetOrCreateManyAsync([], MakeAsync));
        Assert.Empty(_calls);

        var values = await cache.GetOrCreateManyAsync(["a", "b\n"], MakeAsync);

        Assert.Equal("B\n", values["b\n"]);
        Assert.Equal(["default:a"], _store.Values.Keys);
        cache.IsEnabled = false;
        Assert.Equal("A", (await cache.GetOrCreateManyAsync(["a"], MakeAsync))["a"]);
        Assert.Equal(["a", "b\n", "a"], _calls);
    }

    private Task<IReadOnlyDictionary<string, string?>> SlowAsync(TwoLevelCache cache, Gate gate, string[] keys) => cache.GetOrCreateManyAsync(
        keys,
        async (missing, c) =>
        {
            await gate.PassAsync();
            return await MakeAsync(missing, c);
        }).AsTask();

    private ValueTask<IReadOnlyDictionary<string, string>> MakeAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken)
    {
        lock (_calls)
            _calls.Add(string.Join(',', missing.Order(StringComparer.Ordinal)));
        return new(missing.Where(k => k != "none").ToDictionary(k => k, k => k.ToUpperInvariant()));
    }

    private TwoLevelCache New(Action<TwoLevelCacheOptions>? configure = null) => Cached.New(_store, time: _time, configure: configure);
}
