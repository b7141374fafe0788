namespace ScaleKit.Sharding;

/// <summary>
/// The way from one topology to another, in waves. Every wave ends in a valid topology: one may stop after any of them, go back, or plan anew from there, and no
/// slot is then moved twice. Immutable, thread-safe.
/// </summary>
/// <typeparam name="TShard">What the application keeps for a shard.</typeparam>
public sealed class ReshardPlan<TShard>
{
    private readonly ShardSet<TShard> _all;
    private readonly ShardSet<TShard> _target;

    internal ReshardPlan(
        SlotTopology<TShard> current, ShardSet<TShard> all, ShardSet<TShard> target, IReadOnlyList<PlanWave> waves)
    {
        _all = all;
        _target = target;
        Current = current;
        Waves = waves;
        Target = TopologyAfter(waves.Count);
        Diff = Topology.Diff(current, Target);
    }

    /// <summary>Where the plan begins.</summary>
    public SlotTopology<TShard> Current { get; }

    /// <summary>Where it ends. Its version is that of <see cref="Current"/> plus one for each wave, and plus one when nothing moves.</summary>
    public SlotTopology<TShard> Target { get; }

    /// <summary>The steps, in order; none when nothing moves.</summary>
    public IReadOnlyList<PlanWave> Waves { get; }

    /// <summary>What moves in all: slots, share, copy flows, lower bound.</summary>
    public TopologyDiff Diff { get; }

    /// <summary>Rows that move in all, estimated.</summary>
    public long Rows => Waves.Sum(w => w.Rows);

    /// <summary>Bytes that move in all, estimated.</summary>
    public double Bytes => Waves.Sum(w => (double)w.Bytes);

    /// <summary>Time that the copying takes in all, estimated.</summary>
    public TimeSpan Duration => Waves.Count == 0 ? TimeSpan.Zero : Waves[^1].Elapsed;

    /// <summary>The topology to swap in when the copying of a wave is done and verified.</summary>
    /// <param name="waves">How many waves are done: 0 gives <see cref="Current"/>, all of them <see cref="Target"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The plan has no such wave.</exception>
    public SlotTopology<TShard> TopologyAfter(int waves)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(waves);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(waves, Waves.Count);
        if (waves == 0 && Waves.Count > 0)
        {
            return Current;
        }

        // Only the last step lets the shards go that are to leave: until then they still own slots.
        var set = waves == Waves.Count ? _target : _all;
        var positions = Array.ConvertAll(Current.Set.Ordered, s => set.IndexOf(s.Id));
        var owners = new int[Current.SlotCount];
        for (var slot = 0; slot < owners.Length; slot++)
        {
            owners[slot] = positions[Current.Owners[slot]];
        }

        foreach (var move in Waves.Take(waves).SelectMany(w => w.Moves))
        {
            Array.Fill(owners, set.IndexOf(move.To), move.First, move.Count);
        }

        return SlotTopology.FromTable(set.Ordered, owners, Current.Version + Math.Max(1, waves));
    }
}
