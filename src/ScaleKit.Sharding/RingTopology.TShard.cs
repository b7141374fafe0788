namespace ScaleKit.Sharding;

/// <summary>
/// For caches and stateless work: a consistent-hash ring. No table to keep: the shards alone decide, and a shard that comes or goes moves only its own keys, at the
/// price of a less even share (about 1/sqrt(points) off the mean). Immutable, thread-safe.
/// </summary>
/// <typeparam name="TShard">What the application keeps for a shard.</typeparam>
public sealed class RingTopology<TShard> : Topology<TShard>
{
    private readonly ReplicaWalk _walk;

    internal RingTopology(ShardSet<TShard> shards, PointRing ring, long version, int pointsPerWeight)
        : base(shards, version, Fingerprints.OfRing(shards, pointsPerWeight), owners: null)
    {
        Ring = ring;
        PointsPerWeight = pointsPerWeight;
        _walk = new ReplicaWalk(ring, shards.Zones());
    }

    /// <summary>Points of a shard of weight 1.</summary>
    /// <value>160 unless told otherwise</value>
    public int PointsPerWeight { get; }

    /// <summary>Points of all shards.</summary>
    public int PointCount => Ring.Count;

    internal PointRing Ring { get; }

    internal override IEnumerable<(UInt128 End, int Owner)> Arcs()
    {
        for (var i = 0; i < Ring.Count; i++)
        {
            yield return ((UInt128)Ring.PointAt(i) + 1, Ring.OwnerAt(i));
        }

        if (Ring.PointAt(Ring.Count - 1) != ulong.MaxValue)
        {
            yield return (UInt128.One << 64, Ring.OwnerAt(0));
        }
    }

    private protected override int RingOwnerOf(ulong hash) => Ring.OwnerOf(hash);

    private protected override int FillReplicas(ulong hash, Span<int> order) => _walk.Fill(hash, owner: -1, order);
}
