using System.Globalization;
using Spectre.Console;

namespace ScaleKit.Analysis.RateLimiting;

/// <summary>What a window of time sees at most, and how much is admitted altogether, under every kind of traffic and beside every kind of limiter.</summary>
internal static class WindowAccuracy
{
    public static readonly AnalysisCommand Command = new(
        "window-accuracy",
        "the most that any window admits against its limit; with --nodes 3 also on a real Redis, by nodes whose clocks are hours apart",
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["limit"] = "100", ["windows"] = "400", ["seed"] = "1", ["nodes"] = "0", ["redis"] = "", ["redis-windows"] = "8", ["redis-window-ms"] = "1000",
        },
        Run);

    private static readonly long Window = TimeSpan.FromMinutes(1).Ticks;

    private static readonly (string Name, Func<int, IWindowLimit> Make)[] Limiters =
    [
        ("fixed", limit => new FixedWindow(limit, Window)),
        ("two_counters", limit => new TwoCounters(limit, Window)),
        ("gcra", limit => new Gcra(limit, Window)),
        ("exact", limit => new ExactLog(limit, Window)),
        ("scalekit16", limit => new OwnWindow(limit, Window, 16)),
        ("scalekit64", limit => new OwnWindow(limit, Window, 64)),
    ];

    private static readonly string[] Rivals = ["fixed", "two_counters", "gcra"];

    private static void Run(AnalysisArguments arguments, AnalysisReport report)
    {
        var (limit, windows, seed) = (arguments.Number("limit", 2, 1_000_000), arguments.Number("windows", 4, 100_000), (int)arguments.Number("seed"));
        (string Name, long[] Calls)[] traffic =
        [
            ("edges", [.. Arrivals.AtEdges(limit, Window, windows)]),
            ("poisson", [.. Arrivals.Poisson(limit, Window, windows, seed)]),
            ("bursts", [.. Arrivals.InBursts(limit, Window, windows, seed)]),
        ];
        var found = Measure(traffic, limit);
        Print(traffic, found);
        Bounds(traffic, found, report);
        Draw(arguments, traffic, found);
        if (arguments.Number("nodes", 0, 100) > 0)
        {
            SharedAccuracy.RunAsync(arguments, report).GetAwaiter().GetResult();
        }
    }

    private static Dictionary<(string Traffic, string Limiter), (double Most, double Total)> Measure((string Name, long[] Calls)[] traffic, int limit)
    {
        var found = new Dictionary<(string, string), (double, double)>();
        ProgressBars.New().Start(progress =>
        {
            var task = progress.AddTask("limiters under traffic", maxValue: traffic.Length * Limiters.Length);
            foreach (var (pattern, calls) in traffic)
            {
                double exact = Admitted(new ExactLog(limit, Window), calls).Count;
                foreach (var (name, make) in Limiters)
                {
                    var taken = Admitted(make(limit), calls);
                    found[(pattern, name)] = (WindowMeasure.Most(taken, Window) / (double)limit, taken.Count / exact);
                    task.Increment(1);
                }
            }
        });
        return found;
    }

    private static List<long> Admitted(IWindowLimit limiter, long[] calls)
    {
        var taken = calls.Where(limiter.Take).ToList();
        (limiter as IDisposable)?.Dispose();
        return taken;
    }

    private static void Print((string Name, long[] Calls)[] traffic, Dictionary<(string Traffic, string Limiter), (double Most, double Total)> found)
    {
        var table = new Table().Title("the most in any window / limit, and the total / that of the exact log").AddColumns(["traffic", "calls", .. Limiters.Select(l => l.Name)]);
        foreach (var (pattern, calls) in traffic)
        {
            table.AddRow([pattern, calls.Length.ToString("N0", CultureInfo.InvariantCulture), .. Limiters.Select(l => Cell(found[(pattern, l.Name)]))]);
        }

        AnsiConsole.Write(table);
    }

    private static string Cell((double Most, double Total) value) => string.Create(CultureInfo.InvariantCulture, $"{value.Most:0.00}, {value.Total:0.000}");

    private static void Bounds((string Name, long[] Calls)[] traffic, Dictionary<(string Traffic, string Limiter), (double Most, double Total)> found, AnalysisReport report)
    {
        foreach (var (pattern, _) in traffic)
        {
            foreach (var (name, _) in Limiters)
            {
                var (most, total) = found[(pattern, name)];
                if (Rivals.Contains(name, StringComparer.Ordinal))
                {
                    report.Figure($"{pattern}_{name}_most", Math.Round(most, 4));
                    report.Figure($"{pattern}_{name}_total", Math.Round(total, 4));
                    continue;
                }

                report.AtMost($"{pattern}_{name}_most", most, 1);

                // Permits return up to a bucket late, so a little less is admitted: never more, and no less than this.
                report.AtLeast($"{pattern}_{name}_total", Math.Round(total, 4), name switch { "exact" => 1, "scalekit64" => 0.97, _ => 0.9 });
            }
        }

        // The traffic is no attack unless it takes twice the limit out of who can be attacked.
        report.AtLeast("edges_worst_rival", Rivals.Min(name => found[("edges", name)].Most), 1.9);
    }

    private static void Draw(AnalysisArguments arguments, (string Name, long[] Calls)[] traffic, Dictionary<(string Traffic, string Limiter), (double Most, double Total)> found)
    {
        var legend = $"in each group {string.Join(", ", Limiters.Select(l => l.Name))}; groups: {string.Join(", ", traffic.Select(t => t.Name))}";
        double[] Bars(Func<(double Most, double Total), double> value) => [.. traffic.SelectMany(t => Limiters.Select(l => value(found[(t.Name, l.Name)])))];
        SvgBars.Write(arguments.FileFor("window-accuracy-most.svg"), $"most in any window / limit; {legend}", Bars(v => v.Most), 1);
        SvgBars.Write(arguments.FileFor("window-accuracy-total.svg"), $"admitted / exact log; {legend}", Bars(v => v.Total), 1);
    }
}
