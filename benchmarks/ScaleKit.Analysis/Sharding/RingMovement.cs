using ScaleKit.Benchmarks.Rivals;
using ScaleKit.Sharding;

namespace ScaleKit.Analysis.Sharding;

/// <summary>What moves when shards come and go: planned slots, ring, and what others move.</summary>
internal static class RingMovement
{
    public static readonly AnalysisCommand Command = new(
        "ring-movement",
        "what moves when shards come and go",
        new Dictionary<string, string>(StringComparer.Ordinal) { ["keys"] = "1000000" },
        Run);

    private static void Run(AnalysisArguments arguments, AnalysisReport report)
    {
        var hundred = SlotTopology.Create(ShardSets.Equal(100));
        var grown = Topology.Plan(hundred, ShardSets.Equal(101));
        var ideal = 65_536 / 101.0;
        report.AtMost("slots_100_to_101_off_ideal_slots", Math.Abs(grown.Diff.MovedSlots - ideal), 1);
        report.AtMost("slots_100_to_101_needless", grown.Diff.NeedlessShare, 0);
        report.Figure("slots_100_to_101_moved", grown.Diff.MovedShare);
        RemoveAny(hundred, report);

        var thousand = Topology.Plan(hundred, ShardSets.Equal(1_000));
        report.AtMost("slots_100_to_1000_flows", thousand.Diff.Flows.Count, 1_100);
        report.AtMost("slots_100_to_1000_needless", thousand.Diff.NeedlessShare, 0);
        report.Figure("slots_100_to_1000_moved", thousand.Diff.MovedShare);

        var ring = Topology.Diff(RingTopology.Create(ShardSets.Equal(100)), RingTopology.Create(ShardSets.Equal(101), version: 2));
        report.AtMost("ring_100_to_101_needless", ring.NeedlessShare, 0);
        report.Figure("ring_100_to_101_moved", ring.MovedShare);
        Rivals(arguments.Number("keys", 1, 100_000_000), report);
        SvgBars.Write(
            arguments.FileFor("movement-100-to-101.svg"),
            "slots that each of 100 shards gives to the 101st",
            [.. grown.Diff.Flows.Select(f => f.Share * 65_536)],
            ideal / 100);
    }

    private static void RemoveAny(SlotTopology<int> current, AnalysisReport report)
    {
        var foreign = 0;
        foreach (var gone in current.Shards)
        {
            var plan = Topology.Plan(current, current.Shards.Where(s => s != gone));
            foreign += plan.Diff.Moves.Where(m => !string.Equals(m.From, gone.Id, StringComparison.Ordinal)).Sum(m => m.Count);
        }

        report.AtMost("remove_any_of_100_foreign_slots", foreign, 0);
    }

    private static void Rivals(int keys, AnalysisReport report)
    {
        double Moved(Func<ulong, int> before, Func<ulong, int> after) =>
            Enumerable.Range(0, keys).Select(i => KeyHash.Of(i)).Count(h => before(h) != after(h)) / (double)keys;

        report.Figure("modulo_100_to_101_moved", Moved(h => (int)(h % 100), h => (int)(h % 101)));
        report.Figure("jump_100_to_101_moved", Moved(h => JumpHash.Of(h, 100), h => JumpHash.Of(h, 101)));
        report.Figure("jump_remove_37_moved", Moved(
            h => JumpHash.Of(h, 100),
            h => JumpHash.Of(h, 99) is var bucket && bucket >= 37 ? bucket + 1 : bucket));
    }
}
