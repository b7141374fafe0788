using System.Numerics;

namespace ScaleKit.Sharding;

/// <summary>Makes topologies of slots.</summary>
public static class SlotTopology
{
    /// <summary>Slots of a topology unless told otherwise.</summary>
    /// <value>65,536</value>
    public const int DefaultSlotCount = 65_536;

    /// <summary>Fewest slots that a topology may have.</summary>
    /// <value>256</value>
    public const int MinimumSlotCount = 256;

    /// <summary>
    /// The first topology of a system: contiguous ranges of slots in the order of the shards' ids, each shard within one slot of its exact share
    /// by weight (largest remainder method). Only the set counts, not the order in which the shards are given.
    /// To grow or shrink a system that holds data do not create anew: almost every range would shift. Plan from the topology in force.
    /// </summary>
    /// <typeparam name="TShard">What the application keeps for a shard.</typeparam>
    /// <param name="shards">1 to 65,536 shards, never more than slots, no id twice.</param>
    /// <param name="version">From 1. Default 1.</param>
    /// <param name="slotCount">A power of two from 256 to 65,536, fixed for the life of the data. Default 65,536.</param>
    /// <exception cref="ArgumentException">No shards, too many, a null among them, or an id twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="version"/> or <paramref name="slotCount"/> is out of its range.</exception>
    public static SlotTopology<TShard> Create<TShard>(IEnumerable<Shard<TShard>> shards, long version = 1, int slotCount = DefaultSlotCount)
    {
        ValidateSlotCount(slotCount, nameof(slotCount));
        var set = new ShardSet<TShard>(shards, nameof(shards));
        if (set.Ordered.Length > slotCount)
        {
            throw new ArgumentException($"{set.Ordered.Length} shards cannot share {slotCount} slots.", nameof(shards));
        }

        var owners = new ushort[slotCount];
        var next = 0;
        var quotas = SlotQuotas.Compute(set.Weights(), slotCount);
        for (var shard = 0; shard < quotas.Length; shard++)
        {
            Array.Fill(owners, (ushort)shard, next, quotas[shard]);
            next += quotas[shard];
        }

        return new SlotTopology<TShard>(set, owners, version);
    }

    /// <summary>A topology with the table that the caller gives. A shard may own no slot at all.</summary>
    /// <typeparam name="TShard">What the application keeps for a shard.</typeparam>
    /// <param name="shards">1 to 65,536 shards in the caller's order, no id twice.</param>
    /// <param name="table">For each slot the position of its owner in <paramref name="shards"/>. Its length, a power of two from 256 to 65,536, is the slot count.</param>
    /// <param name="version">From 1. Default 1.</param>
    /// <exception cref="ArgumentException">Bad shards, or a slot whose owner is not in <paramref name="shards"/> (unassigned, as -1 is).</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="version"/> or the table's length is out of its range.</exception>
    public static SlotTopology<TShard> FromTable<TShard>(IEnumerable<Shard<TShard>> shards, ReadOnlySpan<int> table, long version = 1)
    {
        ArgumentNullException.ThrowIfNull(shards);
        ValidateSlotCount(table.Length, nameof(table));
        Shard<TShard>[] given = [.. shards];
        var set = new ShardSet<TShard>(given, nameof(shards));
        var positions = Array.ConvertAll(given, s => (ushort)set.IndexOf(s.Id));
        var owners = new ushort[table.Length];
        for (var slot = 0; slot < owners.Length; slot++)
        {
            if ((uint)table[slot] >= (uint)positions.Length)
            {
                throw new ArgumentException(
                    $"Slot {slot} is unassigned: its owner {table[slot]} is not one of the shards 0 to {positions.Length - 1}.", nameof(table));
            }

            owners[slot] = positions[table[slot]];
        }

        return new SlotTopology<TShard>(set, owners, version);
    }

    private static void ValidateSlotCount(int slotCount, string parameter)
    {
        if (!BitOperations.IsPow2(slotCount) || slotCount is < MinimumSlotCount or > DefaultSlotCount)
        {
            throw new ArgumentOutOfRangeException(
                parameter, slotCount, $"The number of slots is a power of two from {MinimumSlotCount} to {DefaultSlotCount}.");
        }
    }
}
