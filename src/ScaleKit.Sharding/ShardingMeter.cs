using System.Diagnostics.Metrics;

namespace ScaleKit.Sharding;

/// <summary>The package's instruments. Routers made without a meter factory share one set, so that a router needs no disposal.</summary>
internal sealed class ShardingMeter
{
    public static readonly ShardingMeter Shared = new(new Meter(ShardingDiagnostics.MeterName));

    private readonly Counter<long> _swaps;
    private readonly Gauge<long> _version;
    private readonly Gauge<int> _shards;

    private ShardingMeter(Meter meter)
    {
        _swaps = meter.CreateCounter<long>(ShardingDiagnostics.Swaps, "{swap}", "Topologies offered to a router.");
        _version = meter.CreateGauge<long>(ShardingDiagnostics.TopologyVersion, "{version}", "Version of the topology in force.");
        _shards = meter.CreateGauge<int>(ShardingDiagnostics.Shards, "{shard}", "Shards of the topology in force.");
    }

    public static ShardingMeter From(IMeterFactory? factory) =>
        factory is null ? Shared : new ShardingMeter(factory.Create(ShardingDiagnostics.MeterName));

    public void InForce(string router, long version, int shards)
    {
        var tag = new KeyValuePair<string, object?>(ShardingDiagnostics.RouterTag, router);
        _version.Record(version, tag);
        _shards.Record(shards, tag);
    }

    public void Offered(string router, string result) => _swaps.Add(
        1,
        new KeyValuePair<string, object?>(ShardingDiagnostics.RouterTag, router),
        new KeyValuePair<string, object?>(ShardingDiagnostics.ResultTag, result));
}
