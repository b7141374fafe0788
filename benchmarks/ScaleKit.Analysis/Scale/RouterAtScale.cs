using System.Diagnostics;
using ScaleKit.Analysis.Sharding;
using ScaleKit.Sharding;
using Spectre.Console;

namespace ScaleKit.Analysis.Scale;

/// <summary>Routes every key of a large user base among 1,000 shards, and again after the thousand-and-first joined.</summary>
internal static class RouterAtScale
{
    private const int Shards = 1_000;
    private const int Slice = 1_000_000;

    public static RouterUnit Run(int keys, ProgressContext progress, AnalysisReport report)
    {
        var before = SlotTopology.Create(ShardSets.Equal(Shards));
        var shards = ShardSets.Equal(Shards + 1);
        var (router, after) = (new ShardRouter<int>(before), Topology.Plan(before, shards).Target);
        var (counts, nanoseconds, moved, needless) = (new double[Shards], 0.0, 0L, 0L);
        var task = progress.AddTask($"router: {keys:N0} keys on {Shards:N0} shards", maxValue: keys);
        for (var from = 0; from < keys; from += Slice)
        {
            var until = Math.Min(keys, from + Slice);
            var started = Stopwatch.GetTimestamp();
            for (var key = from; key < until; key++)
            {
                counts[router.Route((long)key).Payload]++;
            }

            nanoseconds += Stopwatch.GetElapsedTime(started).TotalNanoseconds;
            for (var key = from; key < until; key++)
            {
                var hash = KeyHash.Of((long)key);
                var target = after.ShardOf(hash).Payload;
                if (target != before.ShardOf(hash).Payload)
                {
                    moved++;
                    needless += target == Shards ? 0 : 1;
                }
            }

            task.Increment(until - from);
        }

        report.Figure("router_keys", keys);
        report.Figure("router_ns", nanoseconds / keys);
        report.AtMost("router_peak_to_mean", ShardSets.PeakToMean(counts), 1.02 + (5 / Math.Sqrt(keys / (double)Shards)));
        report.AtMost("router_moved_share_times_ideal", moved / (double)keys * (Shards + 1), 1.05 + (5 / Math.Sqrt(keys / (double)Shards)));
        report.AtMost("router_needless_moves", needless, 0);
        return new RouterUnit(nanoseconds / keys);
    }
}
