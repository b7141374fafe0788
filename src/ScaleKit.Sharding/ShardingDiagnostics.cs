namespace ScaleKit.Sharding;

/// <summary>Names of what the package reports. Nothing is counted per routed key: that would cost more than the routing.</summary>
public static class ShardingDiagnostics
{
    /// <summary>Name of the meter.</summary>
    /// <value>ScaleKit.Sharding</value>
    public const string MeterName = "ScaleKit.Sharding";

    /// <summary>Counter, {swap}: topologies offered to a router, by <see cref="RouterTag"/> and <see cref="ResultTag"/>.</summary>
    /// <value>scalekit.sharding.swaps</value>
    public const string Swaps = "scalekit.sharding.swaps";

    /// <summary>Gauge, {version}: the version in force, by <see cref="RouterTag"/>. Processes that differ here route differently.</summary>
    /// <value>scalekit.sharding.topology.version</value>
    public const string TopologyVersion = "scalekit.sharding.topology.version";

    /// <summary>Gauge, {shard}: shards in force, by <see cref="RouterTag"/>.</summary>
    /// <value>scalekit.sharding.shards</value>
    public const string Shards = "scalekit.sharding.shards";

    /// <summary>Tag: <see cref="ShardRouterOptions.Name"/>.</summary>
    /// <value>scalekit.sharding.router</value>
    public const string RouterTag = "scalekit.sharding.router";

    /// <summary>Tag: <c>applied</c>, <c>stale</c> or <c>frozen</c>.</summary>
    /// <value>scalekit.sharding.result</value>
    public const string ResultTag = "scalekit.sharding.result";
}
