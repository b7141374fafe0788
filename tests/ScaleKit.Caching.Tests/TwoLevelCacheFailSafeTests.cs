using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class TwoLevelCacheFailSafeTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly MemoryStore _store = new();
    private readonly InProcessInvalidationBus _bus = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetOrCreateAsync_FactoryFailsAfterTheExpiration_ServesTheOldValueUpToTheLimit(bool sameNode)
    {
        await using var first = New();
        await first.GetAsync("k", 1);
        await using var cold = New();
        var cache = sameNode ? first : cold;

        _time.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromMinutes(10) - TimeSpan.FromTicks(1));
        Assert.Equal(1, await FailAsync(cache));

        _time.Advance(TimeSpan.FromTicks(1));
        await Assert.ThrowsAsync<IOException>(() => FailAsync(cache));
        await Assert.ThrowsAsync<IOException>(() => FailAsync(first));
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryWorksAgain_ServesTheNewValue()
    {
        await using var cache = New();
        await cache.GetAsync("k", 1);
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(1, await FailAsync(cache));

        Assert.Equal(2, await cache.GetAsync("k", 2));
        Assert.Equal(2, await cache.GetAsync("k", 3));
    }

    [Fact]
    public async Task GetOrCreateAsync_Off_ThrowsWhatTheFactoryThrew()
    {
        await using var cache = Cached.New(_store, _bus, _time);
        await cache.GetAsync("k", 1);
        _time.Advance(TimeSpan.FromMinutes(5));

        await Assert.ThrowsAsync<IOException>(() => FailAsync(cache));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("clear")]
    public async Task GetOrCreateAsync_RemovedValue_IsNeverServedAsStale(string how)
    {
        await using var cache = New();
        await using var other = New();
        await cache.GetAsync("k", 1, null, "t");
        _time.Advance(TimeSpan.FromMinutes(6));
        await (how switch
        {
            "key" => other.RemoveAsync("k"),
            "tag" => other.RemoveByTagAsync("t"),
            _ => other.RemoveByTagAsync("*"),
        });

        await Assert.ThrowsAsync<IOException>(() => FailAsync(cache));
        await using var cold = New();
        await Assert.ThrowsAsync<IOException>(() => FailAsync(cold));
    }

    [Fact]
    public async Task GetOrCreateAsync_RemovedWhileTheFactoryFails_IsNotServedAsStale()
    {
        await using var cache = New();
        await cache.GetAsync("k", 1);
        _time.Advance(TimeSpan.FromMinutes(6));
        var gate = new Gate();
        var reading = cache.GetOrCreateAsync<int>("k", async _ =>
        {
            await gate.PassAsync();
            throw new IOException("down");
        }).AsTask();
        await gate.Reached;

        await cache.RemoveAsync("k");
        gate.Open();

        await Assert.ThrowsAsync<IOException>(() => reading);
    }

    private static Task<int> FailAsync(TwoLevelCache cache) =>
        cache.GetOrCreateAsync<int>("k", _ => ValueTask.FromException<int>(new IOException("down")), tags: ["t"]).AsTask();

    private TwoLevelCache New() => Cached.New(_store, _bus, _time, o => o.FailSafeMaximum = TimeSpan.FromMinutes(10));
}
