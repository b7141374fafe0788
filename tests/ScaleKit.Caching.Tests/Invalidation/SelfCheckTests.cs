using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class SelfCheckTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly InProcessInvalidationBus _inner = new();

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("clear")]
    public async Task Sample_HitThatTheLogVoidedAndMemoryGoesOnServing_IsAStaleHit(string how)
    {
        // A bus that breaks its word: it says that nobody misses a record, and this cache hears none.
        var bus = new LossyBus(_inner);
        var name = $"stale-{how}";
        using var measured = new Measurements(name);
        await using var cache = New(name, bus);
        await using var other = New(name, _inner);
        await cache.GetAsync("k", 1, tags: "t");
        bus.IsDeaf = true;
        await (how switch { "key" => other.RemoveAsync("k"), "tag" => other.RemoveByTagAsync("t"), _ => other.RemoveByTagAsync("*") });

        Assert.Equal(1, await cache.GetAsync("k", 2, tags: "t"));

        await ChecksAsync(measured);
        Assert.Equal(1, measured["scalekit.cache.stale_hits"]);
    }

    [Fact]
    public async Task Sample_HitsOfACacheThatHearsTheLog_AreNotStale()
    {
        const string Name = "fresh";
        using var measured = new Measurements(Name);
        await using var cache = New(Name, _inner);
        await using var other = New(Name, _inner);
        await cache.GetAsync("k", 1, tags: "t");
        await other.RemoveAsync("j");
        await other.RemoveByTagAsync("u");
        await other.RemoveAsync("k");
        await cache.GetAsync("k", 2, tags: "t");

        Assert.Equal(2, await cache.GetAsync("k", 3, tags: "t"));

        await ChecksAsync(measured);
        Assert.Equal(0, measured["scalekit.cache.stale_hits"]);
    }

    [Fact]
    public async Task Sample_EntryVoidedWithinTheBound_IsNotStale()
    {
        // It was served after the removal, and no longer when the bound had passed: that is what the guarantee allows.
        const string Name = "bound";
        var bus = new LossyBus(_inner);
        using var measured = new Measurements(Name);
        await using var cache = New(Name, bus);
        await using var other = New(Name, _inner);
        await cache.GetAsync("k", 1);
        bus.IsDeaf = true;
        await other.RemoveAsync("k");
        var readings = bus.Readings;
        Assert.Equal(1, await cache.GetAsync("k", 2));
        await Eventually.HoldsAsync(() => bus.Readings > readings, "the check has read the log");
        bus.IsDeaf = false;

        bus.Heartbeat();

        await ChecksAsync(measured);
        Assert.Equal(0, measured["scalekit.cache.stale_hits"]);
    }

    private Task ChecksAsync(Measurements measured) => Eventually.HoldsAsync(
        () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return measured["scalekit.cache.self_checks"] > 0;
        },
        "the check has ended");

    private TwoLevelCache New(string name, IInvalidationBus bus) => Cached.New(bus: bus, time: _time, configure: o =>
    {
        (o.Name, o.SelfCheckRate) = (name, 1);
        o.Expiration = TimeSpan.FromDays(100);
    });
}
