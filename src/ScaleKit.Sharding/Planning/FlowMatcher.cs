namespace ScaleKit.Sharding;

/// <summary>
/// Brings those who have too much together with those who have too little: within a zone first, then within a region, then anywhere. In each of these, pairs of
/// equal amount first, for one flow then settles two shards.
/// </summary>
internal static class FlowMatcher
{
    /// <param name="shards">All shards, by number.</param>
    /// <param name="excess">Slots that a shard has above its quota; negative below. Zero everywhere on return.</param>
    public static List<SlotFlow> Match<TShard>(Shard<TShard>[] shards, int[] excess)
    {
        var flows = new List<SlotFlow>();
        MatchWithin(shards, static s => s.Zone is null ? null : $"{s.Region} {s.Zone}", excess, flows);
        MatchWithin(shards, static s => s.Region ?? "", excess, flows);
        MatchWithin(shards, static _ => "", excess, flows);
        return flows;
    }

    private static void MatchWithin<TShard>(Shard<TShard>[] shards, Func<Shard<TShard>, string?> place, int[] excess, List<SlotFlow> flows)
    {
        var places = Enumerable.Range(0, shards.Length)
            .Where(i => excess[i] != 0 && place(shards[i]) is not null)
            .GroupBy(i => place(shards[i]), StringComparer.Ordinal);
        foreach (var group in places)
        {
            var givers = group.Where(i => excess[i] > 0).OrderByDescending(i => excess[i]).ThenBy(i => i).ToList();
            var takers = group.Where(i => excess[i] < 0).OrderBy(i => excess[i]).ThenBy(i => i).ToList();
            MatchEqual(givers, takers, excess, flows);
            MatchRest(givers, takers, excess, flows);
        }
    }

    private static void MatchEqual(List<int> givers, List<int> takers, int[] excess, List<SlotFlow> flows)
    {
        var byAmount = takers.GroupBy(t => -excess[t]).ToDictionary(g => g.Key, g => new Queue<int>(g));
        foreach (var giver in givers)
        {
            if (byAmount.TryGetValue(excess[giver], out var equals) && equals.TryDequeue(out var taker))
            {
                Move(giver, taker, excess[giver], excess, flows);
            }
        }
    }

    private static void MatchRest(List<int> givers, List<int> takers, int[] excess, List<SlotFlow> flows)
    {
        var taker = 0;
        foreach (var giver in givers)
        {
            while (excess[giver] > 0 && taker < takers.Count)
            {
                if (excess[takers[taker]] == 0)
                {
                    taker++;
                    continue;
                }

                Move(giver, takers[taker], Math.Min(excess[giver], -excess[takers[taker]]), excess, flows);
            }
        }
    }

    private static void Move(int from, int to, int slots, int[] excess, List<SlotFlow> flows)
    {
        excess[from] -= slots;
        excess[to] += slots;
        flows.Add(new SlotFlow(from, to, slots));
    }
}
