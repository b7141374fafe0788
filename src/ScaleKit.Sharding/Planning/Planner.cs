namespace ScaleKit.Sharding;

/// <summary>
/// From counts to flows to slots to waves. The number of flows: each flow empties a donor or fills a receiver, the last one both, so there are at most
/// donors + receivers - 1; the least possible number is NP-hard to find, but never under the larger of the two.
/// </summary>
internal static class Planner
{
    public static ReshardPlan<TShard> Plan<TShard>(SlotTopology<TShard> current, IEnumerable<Shard<TShard>> target, PlanOptions options)
    {
        var wanted = new ShardSet<TShard>(target, nameof(target));
        if (wanted.Ordered.Length > current.SlotCount)
        {
            throw new ArgumentException($"{wanted.Ordered.Length} shards cannot share {current.SlotCount} slots.", nameof(target));
        }

        var all = new ShardSet<TShard>([.. wanted.Ordered, .. current.Shards.Where(s => wanted.IndexOf(s.Id) < 0)], nameof(target));
        var slots = SlotsByShard(current, all);
        var flows = FlowMatcher.Match(all.Ordered, Excess(slots, all, wanted, current.SlotCount));
        return new ReshardPlan<TShard>(current, all, wanted, Waves(Moves(flows, slots, all), options, current.SlotCount));
    }

    private static List<int>[] SlotsByShard<TShard>(SlotTopology<TShard> current, ShardSet<TShard> all)
    {
        var slots = Array.ConvertAll(all.Ordered, static _ => new List<int>());
        var positions = Array.ConvertAll(current.Set.Ordered, s => all.IndexOf(s.Id));
        for (var slot = 0; slot < current.SlotCount; slot++)
        {
            slots[positions[current.Owners[slot]]].Add(slot);
        }

        return slots;
    }

    private static int[] Excess<TShard>(List<int>[] slots, ShardSet<TShard> all, ShardSet<TShard> wanted, int slotCount)
    {
        var positions = Array.ConvertAll(wanted.Ordered, s => all.IndexOf(s.Id));
        var quotas = SlotQuotas.Compute(wanted.Weights(), slotCount, Array.ConvertAll(positions, p => slots[p].Count));
        var excess = Array.ConvertAll(slots, static s => s.Count);
        for (var i = 0; i < positions.Length; i++)
        {
            excess[positions[i]] -= quotas[i];
        }

        return excess;
    }

    /// <summary>Single slots in the order of copying: the first flow of every donor, then the second ones, so that a wave loads many shards a little.</summary>
    private static List<SlotMove> Moves<TShard>(List<SlotFlow> flows, List<int>[] slots, ShardSet<TShard> all)
    {
        var moves = new List<SlotMove>();
        var nth = new Dictionary<int, int>();
        var ordered = flows.Select(f => (Flow: f, Turn: nth[f.From] = nth.GetValueOrDefault(f.From) + 1)).OrderBy(f => f.Turn).ThenBy(f => f.Flow.From);
        foreach (var (flow, _) in ordered.ToList())
        {
            // From the end of what the donor has: its range stays in one piece.
            var owned = slots[flow.From];
            var taken = owned.GetRange(owned.Count - flow.Slots, flow.Slots);
            owned.RemoveRange(owned.Count - flow.Slots, flow.Slots);
            moves.AddRange(taken.Select(slot => new SlotMove(slot, slot, all.Ordered[flow.From].Id, all.Ordered[flow.To].Id)));
        }

        return moves;
    }

    private static List<PlanWave> Waves(List<SlotMove> moves, PlanOptions options, int slotCount)
    {
        var bytesPerSlot = (double)options.Rows / slotCount * options.BytesPerRow;
        var perWave = options.WaveBytes == 0 || bytesPerSlot <= 0
            ? int.MaxValue
            : (int)Math.Clamp(options.WaveBytes / bytesPerSlot, 1, int.MaxValue);
        var waves = new List<PlanWave>();
        if (moves.Count == 0)
        {
            return waves;
        }

        // As many waves as the budget asks for, and these alike: a last wave of one slot would cost a swap like any other.
        var count = (int)Math.Ceiling(moves.Count / (double)perWave);
        foreach (var chunk in moves.Chunk((int)Math.Ceiling(moves.Count / (double)count)))
        {
            waves.Add(new PlanWave(waves.Count + 1, Join(chunk), options, slotCount, waves.Count == 0 ? TimeSpan.Zero : waves[^1].Elapsed));
        }

        return waves;
    }

    private static List<SlotMove> Join(SlotMove[] moves)
    {
        var joined = new List<SlotMove>();
        foreach (var move in moves)
        {
            if (joined.Count > 0 && joined[^1] is var last && last.Last + 1 == move.First
                && last with { First = move.First, Last = move.Last } == move)
            {
                joined[^1] = last with { Last = move.Last };
            }
            else
            {
                joined.Add(move);
            }
        }

        return joined;
    }
}
