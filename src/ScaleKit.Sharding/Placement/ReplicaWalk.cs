namespace ScaleKit.Sharding;

/// <summary>
/// The order in which shards stand in for a key: along the ring, in rounds; a round takes the next shard of each zone. The first k of it do not depend on how many
/// are asked for, and a shard that comes or goes changes the rank of others in its own zone only, by one: k replicas lose at most one member.
/// An owner that the table puts first is a shard that moves to the front of its zone: one member again. So where owner and shards change at once, or the slot
/// changes its zone, two are the bound, and no rule has a lower one: owner a of zone A leaves, its second is b of zone B, and the table gives the slot to c of zone B.
/// Two replicas in two zones can then keep neither a, which is gone, nor b, whose zone is taken.
/// </summary>
internal sealed class ReplicaWalk
{
    private readonly PointRing _ring;
    private readonly int[] _zones;
    private readonly int[] _zonesOfSize;

    /// <param name="ring">Where to walk.</param>
    /// <param name="zones">Zone of each shard; null is a zone of its own.</param>
    public ReplicaWalk(PointRing ring, string?[] zones)
    {
        _ring = ring;
        _zones = new int[zones.Length];
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var sizes = new List<int>();
        for (var shard = 0; shard < zones.Length; shard++)
        {
            var known = zones[shard] is { } name && numbers.TryGetValue(name, out _);
            var zone = known ? numbers[zones[shard]!] : sizes.Count;
            if (!known)
            {
                sizes.Add(0);
                if (zones[shard] is { } fresh)
                {
                    numbers.Add(fresh, zone);
                }
            }

            _zones[shard] = zone;
            sizes[zone]++;
        }

        _zonesOfSize = new int[sizes.Max() + 1];
        foreach (var size in sizes)
        {
            for (var round = 0; round < size; round++)
            {
                _zonesOfSize[round]++;
            }
        }
    }

    /// <param name="start">Where on the ring to begin.</param>
    /// <param name="owner">Who comes first whatever the ring says, or -1.</param>
    /// <param name="order">Receives shard numbers.</param>
    /// <returns>How many there are: all shards at most.</returns>
    public int Fill(ulong start, int owner, Span<int> order)
    {
        var words = (_zones.Length + 63) / 64;
        Span<ulong> taken = stackalloc ulong[words];
        Span<ulong> zones = stackalloc ulong[words];
        taken.Clear();
        var begin = _ring.Find(start);
        var wanted = Math.Min(order.Length, _zones.Length);
        var filled = 0;
        for (var round = 0; filled < wanted; round++)
        {
            zones.Clear();
            var before = filled;
            if (round == 0 && owner >= 0)
            {
                Take(owner, taken, zones);
                order[filled++] = owner;
            }

            for (var step = 0; filled < wanted && filled - before < _zonesOfSize[round]; step++)
            {
                var shard = _ring.OwnerAt((begin + step) % _ring.Count);
                if (!Has(taken, shard) && !Has(zones, _zones[shard]))
                {
                    Take(shard, taken, zones);
                    order[filled++] = shard;
                }
            }
        }

        return filled;
    }

    private void Take(int shard, Span<ulong> taken, Span<ulong> zones)
    {
        taken[shard >> 6] |= 1UL << shard;
        zones[_zones[shard] >> 6] |= 1UL << _zones[shard];
    }

    private static bool Has(Span<ulong> bits, int number) => (bits[number >> 6] & (1UL << number)) != 0;
}
