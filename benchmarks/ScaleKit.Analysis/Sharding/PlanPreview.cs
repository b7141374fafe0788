using System.Diagnostics;
using System.Globalization;
using ScaleKit.Sharding;
using Spectre.Console;

namespace ScaleKit.Analysis.Sharding;

/// <summary>Prints the plan from one number of equal shards to another.</summary>
internal static class PlanPreview
{
    private const int ShownWaves = 20;

    public static readonly AnalysisCommand Command = new(
        "plan",
        "the plan from one number of shards to another, its waves and its estimate",
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["from"] = "100",
            ["to"] = "1000",
            ["rows"] = "10000000",
            ["bytes-per-row"] = "1024",
            ["rows-per-second"] = "10000",
            ["wave-bytes"] = "1000000000",
        },
        Run);

    private static void Run(AnalysisArguments arguments, AnalysisReport report)
    {
        var from = arguments.Number("from", 1, SlotTopology.DefaultSlotCount);
        var to = arguments.Number("to", 1, SlotTopology.DefaultSlotCount);
        var started = Stopwatch.GetTimestamp();
        var plan = Topology.Plan(SlotTopology.Create(ShardSets.Equal(from)), ShardSets.Equal(to), new PlanOptions
        {
            Rows = arguments.Number("rows"),
            BytesPerRow = arguments.Number("bytes-per-row"),
            RowsPerSecond = arguments.Number("rows-per-second"),
            WaveBytes = arguments.Number("wave-bytes"),
        });
        var planned = Stopwatch.GetElapsedTime(started);
        Print(plan);
        var counts = plan.Target.Shards.Select(s => (double)plan.Target.CountOf(s.Id)).ToArray();
        SvgBars.Write(arguments.FileFor("plan-slots.svg"), $"slots of each of {to} shards after the plan", counts, 65_536.0 / to);
        SvgBars.Write(
            arguments.FileFor("plan-flows.svg"), $"slots in each of {plan.Diff.Flows.Count} copy flows", [.. plan.Diff.Flows.Select(f => f.Share * 65_536)], 65_536.0 / Math.Max(from, to));
        report.Figure("waves", plan.Waves.Count);
        report.Figure("moved_slots", plan.Diff.MovedSlots);
        report.Figure("moved_share", plan.Diff.MovedShare);
        report.Figure("lower_bound_share", plan.Diff.MinimumShare);
        report.AtMost("needless_share", plan.Diff.NeedlessShare, 0);
        report.AtMost("flows", plan.Diff.Flows.Count, Math.Max(from, to) * 1.1);
        report.AtMost("peak_slots_over_mean", counts.Max() - (65_536.0 / to), 1);
        report.Figure("plan_ms", planned.TotalMilliseconds);
        report.Figure("rows", plan.Rows);
        report.Figure("eta_seconds", plan.Duration.TotalSeconds);
    }

    private static void Print(ReshardPlan<int> plan)
    {
        var table = new Table().AddColumns("wave", "slots", "rows", "MB", "flows", "done after");
        foreach (var wave in plan.Waves.Take(ShownWaves))
        {
            table.AddRow(
                wave.Number.ToString(CultureInfo.InvariantCulture),
                wave.Slots.ToString(CultureInfo.InvariantCulture),
                wave.Rows.ToString("N0", CultureInfo.InvariantCulture),
                (wave.Bytes / 1e6).ToString("N0", CultureInfo.InvariantCulture),
                wave.Moves.Select(m => (m.From, m.To)).Distinct().Count().ToString(CultureInfo.InvariantCulture),
                wave.Elapsed.ToString("g", CultureInfo.InvariantCulture));
        }

        AnsiConsole.Write(table);
        if (plan.Waves.Count > ShownWaves)
        {
            AnsiConsole.WriteLine($"and {plan.Waves.Count - ShownWaves} waves more");
        }
    }
}
