using System.Globalization;
using ScaleKit.Caching;
using Spectre.Console;

namespace ScaleKit.Analysis.Caching;

/// <summary>What share of requests the memory level answers, against exact LRU, MemoryCache and the policies that were not chosen.</summary>
internal static class HitRate
{
    public static readonly AnalysisCommand Command = new(
        "hit-rate",
        "what share of requests a full memory level answers",
        new Dictionary<string, string>(StringComparer.Ordinal) { ["keys"] = "100000", ["requests"] = "500000", ["seed"] = "1" },
        Run);

    private static readonly double[] Shares = [0.001, 0.01, 0.1];

    private static readonly (string Name, Func<int, IPolicy> Make)[] Policies =
    [
        ("lru", c => new LruPolicy(c)),
        ("s3fifo", c => new CachePolicy(c, LocalStoreKind.S3Fifo)),
        ("memorycache", c => new CachePolicy(c, LocalStoreKind.MemoryCache)),
        ("sieve", c => new SievePolicy(c)),
        ("tinylfu", c => new TinyLfuPolicy(c)),
    ];

    private static void Run(AnalysisArguments arguments, AnalysisReport report)
    {
        var (keys, requests, seed) = ((int)arguments.Number("keys"), (int)arguments.Number("requests"), (int)arguments.Number("seed"));
        var popular = Trace.Zipf("zipf 0.9", keys, 0.9, requests, seed);
        Trace[] traces =
        [
            Trace.Zipf("zipf 0.7", keys, 0.7, requests, seed), popular, Trace.Zipf("zipf 1.0", keys, 1.0, requests, seed),
            popular.WithScans("zipf 0.9, scans"), Trace.Loop("loop of 1.2 caches", keys, requests),
        ];
        var rates = Measure(traces, keys);
        Print(traces, rates);
        Bounds(rates, report);
        Draw(arguments, rates, traces.Length);
    }

    private static Dictionary<(int Trace, double Share, string Policy), double> Measure(Trace[] traces, int keys)
    {
        var rates = new Dictionary<(int, double, string), double>();
        ProgressBars.New().Start(progress =>
        {
            var task = progress.AddTask("policies on traces", maxValue: traces.Length * Shares.Length * Policies.Length);
            for (var t = 0; t < traces.Length; t++)
            {
                foreach (var share in Shares)
                {
                    // The loop is measured where it can be kept in part: a loop far longer than the cache defeats every policy but a frequency sketch.
                    var capacity = (int)Math.Max(1, keys * share);
                    var trace = t == traces.Length - 1 ? Trace.Loop(traces[t].Name, capacity * 6 / 5, Math.Min(traces[t].Keys.Length, capacity * 100)) : traces[t];
                    foreach (var (name, make) in Policies)
                    {
                        rates[(t, share, name)] = RateOf(make(capacity), trace);
                        task.Increment(1);
                    }
                }
            }
        });
        return rates;
    }

    private static double RateOf(IPolicy policy, Trace trace)
    {
        var hits = trace.Keys.Count(policy.Ask);
        (policy as IDisposable)?.Dispose();
        return hits / (double)trace.Keys.Length;
    }

    private static void Print(Trace[] traces, Dictionary<(int Trace, double Share, string Policy), double> rates)
    {
        var table = new Table().AddColumns(["requests", "cache", .. Policies.Select(p => p.Name), "s3fifo / lru"]);
        for (var t = 0; t < traces.Length; t++)
        {
            foreach (var share in Shares)
            {
                string[] cells = [.. Policies.Select(p => rates[(t, share, p.Name)].ToString("P1", CultureInfo.InvariantCulture))];
                table.AddRow([traces[t].Name, share.ToString("P1", CultureInfo.InvariantCulture), .. cells, rates[(t, share, "lru")] > 0 ? Ratio(rates, t, share).ToString("0.00", CultureInfo.InvariantCulture) : "-"]);
            }
        }

        AnsiConsole.Write(table);
    }

    private static void Bounds(Dictionary<(int Trace, double Share, string Policy), double> rates, AnalysisReport report)
    {
        report.AtLeast("zipf09_1pct_times_lru", Ratio(rates, 1, 0.01), 1.15);
        report.AtLeast("scans_1pct_times_lru", Ratio(rates, 3, 0.01), 1.15);
        report.AtLeast("worst_times_lru", Enumerable.Range(0, 4).SelectMany(t => Shares.Select(s => Ratio(rates, t, s))).Min(), 1);
        foreach (var (name, _) in Policies)
        {
            report.Figure($"zipf09_1pct_{name}", rates[(1, 0.01, name)]);
            report.Figure($"scans_1pct_{name}", rates[(3, 0.01, name)]);
            report.Figure($"loop_10pct_{name}", rates[(4, 0.1, name)]);
        }
    }

    private static void Draw(AnalysisArguments arguments, Dictionary<(int Trace, double Share, string Policy), double> rates, int traces)
    {
        double[] bars = [.. Enumerable.Range(0, traces).SelectMany(t => Policies.Select(p => rates[(t, 0.01, p.Name)]))];
        SvgBars.Write(
            arguments.FileFor("hit-rate.svg"),
            $"hit rate, cache of 1 % of the keys; in each group {string.Join(", ", Policies.Select(p => p.Name))}; groups: zipf 0.7, 0.9, 1.0, 0.9 with scans, loop",
            bars,
            rates[(1, 0.01, "lru")]);
    }

    private static double Ratio(Dictionary<(int Trace, double Share, string Policy), double> rates, int trace, double share) =>
        rates[(trace, share, "s3fifo")] / Math.Max(rates[(trace, share, "lru")], 1e-9);
}
