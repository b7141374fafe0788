using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging.Abstractions;
using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class CacheFillerTests : IDisposable
{
    private readonly MonotonicClock _clock = new(new ManualTimeProvider());
    private readonly CacheVersions _versions = new(16);
    private readonly CachingMetrics _metrics = new("filler", null);
    private readonly LocalLevel _local;
    private readonly FlightTable _flights;
    private readonly InvalidationFollower _follower;
    private readonly CacheFiller _filler;
    private readonly EntryPlan _plan;

    public CacheFillerTests()
    {
        var options = new TwoLevelCacheOptions();
        _versions.Resume(new InvalidationPosition(1, 0));
        _local = new LocalLevel(new S3FifoStore(new LocalLimits(10, long.MaxValue), _clock, _metrics), _versions);
        _flights = new FlightTable(_versions);
        var codec = new EntryCodec(
            options, new CacheSerializers(), _metrics, _clock, new EarlyRefresh(options, _clock), hasSharedLevel: false, NullLogger.Instance);
        var values = new ValueStore(options, _local, null, _versions, codec, _metrics, _clock, NullLogger.Instance);
        _follower = new InvalidationFollower(
            options, new InProcessInvalidationBus(), _versions, _local, _metrics, TimeProvider.System, NullLogger.Instance);
        var maker = new ValueMaker(options, values, _versions, _metrics, _clock, NullLogger.Instance);
        _filler = new CacheFiller(_follower, _local, values, maker, _versions, _clock, "cache");
        _plan = EntryPlan.Of(null, options, []);
    }

    public void Dispose()
    {
        _follower.Dispose();
        _local.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public async Task RunAsync_ValueCameBetweenTheCallersMissAndItsFlight_DoesNotRunTheFactoryAgain()
    {
        // The interleaving: B misses in memory; A's flight stores the value, leaves the table and ends; only then B registers a flight of its own.
        Assert.Equal((FillSource.Factory, 1), await FlyAsync(1));

        Assert.Equal((FillSource.Local, 1), await FlyAsync(2));
        Assert.Equal(0, _flights.Count);
    }

    [Fact]
    public async Task RunAsync_FactoryFails_EndsTheFlightAndLeavesTheTable()
    {
        var key = new FlightKey("k", HybridCacheEntryFlags.None, typeof(int));
        _flights.JoinOrLead<int>(key, [], canJoin: true, canLeave: true, out var flight);

        await Assert.ThrowsAsync<IOException>(
            async () => await _filler.RunAsync(_flights, key, flight, new PlainFactory<int, int>(0, (_, _) => throw new IOException("down")), _plan));

        Assert.Equal(0, _flights.Count);
        await Assert.ThrowsAsync<IOException>(async () => await flight.WaitAsync(_clock, default));
    }

    private async Task<(FillSource Source, int Value)> FlyAsync(int fresh)
    {
        var key = new FlightKey("k", HybridCacheEntryFlags.None, typeof(int));
        Assert.True(_flights.JoinOrLead<int>(key, [], canJoin: true, canLeave: true, out var flight));
        await _filler.RunAsync(_flights, key, flight, new PlainFactory<int, int>(fresh, (v, _) => ValueTask.FromResult(v)), _plan);
        var filled = await flight.WaitAsync(_clock, default);
        return (filled.Source, filled.ValueFor(isLeader: false));
    }
}
