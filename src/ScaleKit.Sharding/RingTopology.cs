namespace ScaleKit.Sharding;

/// <summary>Makes topologies of rings.</summary>
public static class RingTopology
{
    /// <summary>Points of a shard of weight 1 unless told otherwise.</summary>
    /// <value>160</value>
    public const int DefaultPointsPerWeight = 160;

    /// <summary>
    /// A ring from the set of shards; the order in which they are given does not count. A shard has round(weight * <paramref name="pointsPerWeight"/>) points, at least one, whatever the others have,
    /// so that a shard that comes or goes moves only its own keys.
    /// </summary>
    /// <typeparam name="TShard">What the application keeps for a shard.</typeparam>
    /// <param name="shards">1 to 65,536 shards, no id twice, together at most 16,777,216 points.</param>
    /// <param name="version">From 1. Default 1.</param>
    /// <param name="pointsPerWeight">From 1 to 10,000. More points balance better and take more memory (about 16 bytes each). Default 160.</param>
    /// <exception cref="ArgumentException">No shards, too many, a null among them, an id twice, or too many points.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="version"/> or <paramref name="pointsPerWeight"/> is out of its range.</exception>
    public static RingTopology<TShard> Create<TShard>(
        IEnumerable<Shard<TShard>> shards, long version = 1, int pointsPerWeight = DefaultPointsPerWeight)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pointsPerWeight, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pointsPerWeight, 10_000);
        var set = new ShardSet<TShard>(shards, nameof(shards));
        var counts = new int[set.Ordered.Length];
        var total = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            var points = Math.Max(1, Math.Round(set.Ordered[i].Weight * pointsPerWeight));
            total += (long)points;
            if (total > PointRing.MaximumPoints)
            {
                throw new ArgumentException(
                    $"The ring would have over {PointRing.MaximumPoints} points at shard '{set.Ordered[i].Id}': lower the weights or the points per weight.",
                    nameof(shards));
            }

            counts[i] = (int)points;
        }

        return new RingTopology<TShard>(set, new PointRing(set.Ids(), counts), version, pointsPerWeight);
    }
}
