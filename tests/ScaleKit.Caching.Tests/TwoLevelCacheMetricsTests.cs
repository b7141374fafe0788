using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class TwoLevelCacheMetricsTests
{
    [Fact]
    public async Task AnyCall_Counters_TellWhatHappened()
    {
        const string Name = "metrics";
        var (time, store, gate) = (new ManualTimeProvider(), new MemoryStore(), new Gate());
        using var measured = new Measurements(Name);
        await using var cache = Cached.New(store, time: time, configure: Configure);
        await cache.GetAsync("k", 1);
        await cache.GetAsync("k", 1);
        await cache.GetAsync("k", 1, Cached.NoLocal);
        var leading = cache.GetOrCreateAsync("slow", async _ =>
        {
            await gate.PassAsync();
            return 1;
        }).AsTask();
        await gate.Reached;
        var joining = cache.GetAsync("slow", 1).AsTask();
        gate.Open();
        await Task.WhenAll(leading, joining);
        time.Advance(TimeSpan.FromMinutes(6));
        await cache.GetOrCreateAsync<int>("k", _ => throw new IOException("down"));
        await cache.RemoveAsync("k");
        await cache.RemoveByTagAsync("t");

        Assert.Equal(1, measured["scalekit.cache.requests/l1_hit"]);
        Assert.Equal(1, measured["scalekit.cache.requests/l2_hit"]);
        Assert.Equal(3, measured["scalekit.cache.requests/miss"]);
        Assert.Equal(1, measured["scalekit.cache.requests/stale"]);
        Assert.Equal(1, measured["scalekit.cache.stampede_joins"]);
        Assert.Equal(2, measured["scalekit.cache.invalidations"]);
        Assert.Equal(3, measured["scalekit.cache.factory.duration"]);

        static void Configure(TwoLevelCacheOptions options)
        {
            options.Name = Name;
            options.FailSafeMaximum = TimeSpan.FromMinutes(10);
        }
    }
}
