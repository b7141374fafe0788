namespace ScaleKit.Sharding;

/// <summary>Compares topologies and plans the way from one to another. Thread-safe.</summary>
public static class Topology
{
    /// <summary>What moves from one topology to another, exactly: not sampled, but over the whole range of hashes.</summary>
    /// <typeparam name="TShard">What the application keeps for a shard.</typeparam>
    /// <param name="from">The topology in force.</param>
    /// <param name="to">The other one; it may be of the other kind.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static TopologyDiff Diff<TShard>(Topology<TShard> from, Topology<TShard> to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        return new DiffBuilder(from.Set.Ids(), to.Set.Ids()).Build(from.Arcs(), to.Arcs(), from.Version, to.Version, SharedSlotCount(from, to));
    }

    /// <summary>
    /// Plans the way to other shards or weights: no slot moves without need, few copy flows, within a zone and a region where that is possible,
    /// in waves of bounded size. From any wave on a new plan to the same target goes on where the old one stopped.
    /// </summary>
    /// <typeparam name="TShard">What the application keeps for a shard.</typeparam>
    /// <param name="current">The topology in force.</param>
    /// <param name="target">The shards to end with, 1 to 65,536, never more than slots, no id twice. A shard that is in force and not among them is emptied and leaves.</param>
    /// <param name="options">Amounts and limits; null for the defaults.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="target"/> is not a valid set of shards, or too large a one.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static ReshardPlan<TShard> Plan<TShard>(SlotTopology<TShard> current, IEnumerable<Shard<TShard>> target, PlanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(target);
        return Planner.Plan(current, target, PlanOptions.ValidatedCopy(options ?? new PlanOptions()));
    }

    private static int SharedSlotCount<TShard>(Topology<TShard> from, Topology<TShard> to) =>
        from is SlotTopology<TShard> a && to is SlotTopology<TShard> b && a.SlotCount == b.SlotCount ? a.SlotCount : 0;
}
