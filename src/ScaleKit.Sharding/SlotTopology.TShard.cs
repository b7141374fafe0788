namespace ScaleKit.Sharding;

/// <summary>
/// For stored data: a fixed number of slots and an explicit table from slot to shard. A key's slot never changes; a slot changes its owner only by
/// a table that says so. Immutable, thread-safe; the default table takes 128 KB.
/// </summary>
/// <typeparam name="TShard">What the application keeps for a shard.</typeparam>
public sealed class SlotTopology<TShard> : Topology<TShard>
{
    private const int ReplicaPoints = 64;

    private readonly ushort[] _owners;

    // Made by the first who asks for replicas: most routers never do.
    private readonly Lazy<ReplicaWalk> _walk;

    internal SlotTopology(ShardSet<TShard> shards, ushort[] owners, long version)
        : base(shards, version, Fingerprints.OfSlots(shards, owners), owners)
    {
        _owners = owners;
        _walk = new Lazy<ReplicaWalk>(() => new ReplicaWalk(
            new PointRing(shards.Ids(), Array.ConvertAll(shards.Ordered, static _ => ReplicaPoints)), shards.Zones()));
        Ranges = FindRanges();
    }

    /// <summary>How many slots there are: a power of two from 256 to 65,536.</summary>
    /// <value>65,536 unless told otherwise</value>
    public int SlotCount => _owners.Length;

    /// <summary>The whole table as runs of slots, ascending.</summary>
    public IReadOnlyList<SlotRange> Ranges { get; }

    internal ReadOnlySpan<ushort> Owners => _owners;

    /// <summary>The slot of every key with this hash: its top bits.</summary>
    /// <param name="hash">A hash made by <see cref="KeyHash"/>.</param>
    public int SlotOf(ulong hash) => (int)(hash >> (64 - int.Log2(_owners.Length)));

    /// <summary>The owner of a slot.</summary>
    /// <param name="slot">From 0 to <see cref="SlotCount"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
    public Shard<TShard> ShardOfSlot(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, _owners.Length);
        return Shards[_owners[slot]];
    }

    /// <summary>The slots of one shard as ascending runs; empty when it owns none.</summary>
    /// <param name="shardId">A shard of this topology.</param>
    /// <exception cref="ArgumentException">The topology has no such shard.</exception>
    public IReadOnlyList<SlotRange> SlotsOf(string shardId)
    {
        var id = Shards[IndexOf(shardId)].Id;
        return [.. Ranges.Where(r => string.Equals(r.ShardId, id, StringComparison.Ordinal))];
    }

    /// <summary>How many slots one shard owns.</summary>
    /// <param name="shardId">A shard of this topology.</param>
    /// <exception cref="ArgumentException">The topology has no such shard.</exception>
    public int CountOf(string shardId) => _owners.AsSpan().Count((ushort)IndexOf(shardId));

    internal override IEnumerable<(UInt128 End, int Owner)> Arcs()
    {
        var shift = 64 - int.Log2(SlotCount);
        return Ranges.Select(r => ((UInt128)(r.Last + 1) << shift, (int)_owners[r.First]));
    }

    private protected override int FillReplicas(ulong hash, Span<int> order)
    {
        var slot = SlotOf(hash);
        return _walk.Value.Fill(KeyHash.Of(slot), _owners[slot], order);
    }

    private protected override int RingOwnerOf(ulong hash) => _owners[SlotOf(hash)];

    private SlotRange[] FindRanges()
    {
        var ranges = new List<SlotRange>();
        for (var first = 0; first < _owners.Length;)
        {
            var last = first;
            while (last + 1 < _owners.Length && _owners[last + 1] == _owners[first])
            {
                last++;
            }

            ranges.Add(new SlotRange(first, last, Shards[_owners[first]].Id));
            first = last + 1;
        }

        return [.. ranges];
    }
}
