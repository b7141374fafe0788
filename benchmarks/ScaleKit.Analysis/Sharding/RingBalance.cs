using System.Diagnostics;
using ScaleKit.Benchmarks.Rivals;
using ScaleKit.Sharding;
using Spectre.Console;

namespace ScaleKit.Analysis.Sharding;

/// <summary>How evenly slots and rings spread keys, what a topology costs to build, and the ring's lookup against a binary search.</summary>
internal static class RingBalance
{
    public static readonly AnalysisCommand Command = new(
        "ring-balance",
        "how evenly slots and rings spread keys",
        new Dictionary<string, string>(StringComparer.Ordinal) { ["keys"] = "10000000" },
        Run);

    private static void Run(AnalysisArguments arguments, AnalysisReport report)
    {
        Tables(report);
        Build(report);
        Keys(arguments, report);
        Weights(report);
        RingAgainstSearch(report);
    }

    private static void Tables(AnalysisReport report)
    {
        foreach (var (count, bound) in new[] { (100, 1.002), (1_000, 1.01) })
        {
            var topology = SlotTopology.Create(ShardSets.Equal(count));
            report.AtMost($"slots_peak_{count}", ShardSets.PeakToMean([.. topology.Shards.Select(s => (double)topology.CountOf(s.Id))]), bound);
        }
    }

    private static void Build(AnalysisReport report)
    {
        var shards = ShardSets.Equal(1_000);
        var best = double.MaxValue;
        var bytes = 0L;
        for (var lap = 0; lap < 20; lap++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            var topology = SlotTopology.Create(shards);
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            GC.KeepAlive(topology);
        }

        report.AtMost("build_1000_ms", best, 50);
        report.Figure("build_1000_allocated_kb", bytes / 1024.0);
    }

    private static void Keys(AnalysisArguments arguments, AnalysisReport report)
    {
        var keys = arguments.Number("keys");
        const int Shards = 100;
        var slots = new ShardRouter<int>(SlotTopology.Create(ShardSets.Equal(Shards)));
        var ring = new ShardRouter<int>(RingTopology.Create(ShardSets.Equal(Shards)));
        var bySlots = new double[Shards];
        var byRing = new double[Shards];
        AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn()).Start(progress =>
        {
            var task = progress.AddTask($"{keys} keys", maxValue: keys);
            Span<char> key = stackalloc char[32];
            for (var i = 0L; i < keys; i++)
            {
                key.TryWrite($"user:{i}", out var length);
                bySlots[slots.Route(key[..length]).Payload]++;
                byRing[ring.Route(key[..length]).Payload]++;
                if (i % 100_000 == 0)
                {
                    task.Increment(100_000);
                }
            }
        });

        // What a perfect hash would show: a binomial sample. Of 100 shards the worst is off by 2.6 standard deviations on average; 5 is one in 35,000.
        var topology = (SlotTopology<int>)slots.Topology;
        var worst = topology.Shards.Max(s =>
        {
            var share = topology.CountOf(s.Id) / 65_536.0;
            return Math.Abs(bySlots[s.Payload] - (keys * share)) / Math.Sqrt(keys * share * (1 - share));
        });
        report.AtMost("keys_worst_sigma", worst, 5);
        report.Figure("keys_noise_sigma_percent", 100 * Math.Sqrt((Shards - 1.0) / keys));
        report.Figure("keys_peak_slots", ShardSets.PeakToMean(bySlots));
        report.Figure("keys_peak_ring160", ShardSets.PeakToMean(byRing));
        SvgBars.Write(arguments.FileFor("balance-slots.svg"), $"{keys} keys on 100 shards by slots", bySlots, keys / (double)Shards);
        SvgBars.Write(arguments.FileFor("balance-ring.svg"), $"{keys} keys on 100 shards by a ring of 160 points each", byRing, keys / (double)Shards);
    }

    private static void Weights(AnalysisReport report)
    {
        var topology = SlotTopology.Create([new Shard<int>("a", 0), new Shard<int>("b", 1, 2), new Shard<int>("c", 2, 4)]);
        report.AtMost("weights_1_2_4_error", topology.Shards.Max(s => Math.Abs((topology.CountOf(s.Id) / 65_536.0 / (s.Weight / 7)) - 1)), 0.01);
    }

    private static void RingAgainstSearch(AnalysisReport report)
    {
        const int Lookups = 1_000_000;
        var shards = ShardSets.Equal(1_000);
        var ring = RingTopology.Create(shards);
        var search = new BinarySearchRing(shards.Select(s => s.Id), RingTopology.DefaultPointsPerWeight);
        var hashes = Enumerable.Range(0, Lookups).Select(i => KeyHash.Of(i)).ToArray();
        report.AtMost("ring_different_answers", hashes.Count(h => !string.Equals(ring.ShardOf(h).Id, search.Of(h), StringComparison.Ordinal)), 0);
        var (byRing, bySearch) = BestOf.Laps(
            15,
            Lookups,
            () =>
            {
                var last = shards[0];
                foreach (var hash in hashes)
                {
                    last = ring.ShardOf(hash);
                }

                return (ulong)last.Id.Length;
            },
            () =>
            {
                var last = "";
                foreach (var hash in hashes)
                {
                    last = search.Of(hash);
                }

                return (ulong)last.Length;
            });
        report.Figure("ring_ns", byRing);
        report.AtLeast("ring_times_faster_than_search", bySearch / byRing, 5);
    }
}
