using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class InvalidationLagTests
{
    [Fact]
    public void HeardAndAppended_InEitherOrder_CountOnceWithTheTimeBetween()
    {
        const string Name = "lag-unit";
        var time = new ManualTimeProvider();
        using var measured = new Measurements(Name);
        using var metrics = new CachingMetrics(Name, null);
        var lag = new InvalidationLag(metrics, time);
        var (first, second, others) = (new InvalidationPosition(1, 1, 5), new InvalidationPosition(1, 2, 6), new InvalidationPosition(1, 3, 7));
        var startedAt = time.GetTimestamp();
        time.Advance(TimeSpan.FromSeconds(1));

        lag.Appended(first, startedAt);
        lag.Heard(second);
        time.Advance(TimeSpan.FromSeconds(2));
        lag.Heard(first);
        lag.Heard(others);
        lag.Appended(second, startedAt);
        lag.Heard(first);

        Assert.Equal([3, 1], measured.Values(CachingDiagnostics.InvalidationLag));
    }

    [Fact]
    public async Task RemoveAsync_RecordLostOnTheWay_IsCountedWhenTheLogIsRead()
    {
        const string Name = "lag-lost";
        using var measured = new Measurements(Name);
        var bus = new LossyBus(new InProcessInvalidationBus());
        await using var cache = Cached.New(bus: bus, configure: o => o.Name = Name);
        await cache.GetAsync("k", 1);
        await cache.RemoveAsync("k");
        await Eventually.HoldsAsync(() => measured[CachingDiagnostics.InvalidationLag] == 1, "the first is heard");
        bus.IsDeaf = true;
        await cache.RemoveAsync("k");
        Assert.Equal(1, measured[CachingDiagnostics.InvalidationLag]);

        bus.Heartbeat();

        await Eventually.HoldsAsync(() => measured[CachingDiagnostics.InvalidationLag] == 2, "the second is read");
    }
}
