namespace ScaleKit.Sharding;

/// <summary>What moves between two topologies. Immutable, thread-safe.</summary>
public sealed class TopologyDiff
{
    internal TopologyDiff(long fromVersion, long toVersion, UInt128 moved, UInt128 minimum, IReadOnlyList<TopologyFlow> flows, IReadOnlyList<SlotMove> moves)
    {
        FromVersion = fromVersion;
        ToVersion = toVersion;
        MovedShare = Share(moved);
        MinimumShare = Share(minimum);
        NeedlessShare = Share(moved - minimum);
        Flows = flows;
        Moves = moves;
        MovedSlots = moves.Sum(m => m.Count);
    }

    /// <summary>Version of the first topology.</summary>
    public long FromVersion { get; }

    /// <summary>Version of the second topology.</summary>
    public long ToVersion { get; }

    /// <summary>Share of all hashes whose owner differs, from 0 to 1.</summary>
    public double MovedShare { get; }

    /// <summary>The lower bound: what must move for the shards to have the shares that they have in the second topology.</summary>
    public double MinimumShare { get; }

    /// <summary>What moves beyond the lower bound. Exactly 0 when nothing moves without need: it is computed in whole numbers.</summary>
    public double NeedlessShare { get; }

    /// <summary>Slots whose owner differs; 0 unless both topologies are of slots, of one count.</summary>
    public int MovedSlots { get; }

    /// <summary>One entry per pair of shards between which something moves, the largest first.</summary>
    public IReadOnlyList<TopologyFlow> Flows { get; }

    /// <summary>The slots that move, ascending; empty unless both topologies are of slots, of one count.</summary>
    public IReadOnlyList<SlotMove> Moves { get; }

    internal static double Share(UInt128 width) => (double)width / 18446744073709551616.0;
}
