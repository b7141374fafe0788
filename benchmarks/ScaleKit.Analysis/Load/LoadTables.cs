using System.Globalization;
using Spectre.Console;

namespace ScaleKit.Analysis.Load;

/// <summary>The steps as a table and as lines, and where the time of the last one that was carried went.</summary>
internal static class LoadTables
{
    public static void Print(IReadOnlyList<LoadStep> steps, double mostMilliseconds)
    {
        var table = new Table().AddColumns("calls/s", "answered/s", "p50 ms", "p95 ms", "p99 ms", "seen by members p95 ms", "history p95 ms", "errors", "unanswered", "carried");
        foreach (var step in steps)
        {
            double[] values = [step.Rate, step.Done / step.Length.TotalSeconds];
            double[] times = [.. ((double[])[0.5, 0.95, 0.99]).Select(step.Posts.Quantile), step.Deliveries.Quantile(0.95), step.Pages.Quantile(0.95)];
            table.AddRow([.. values.Select(Whole), .. times.Select(Short), Whole(step.Errors), Whole(step.Open), step.IsCarried(mostMilliseconds) ? "yes" : "no"]);
        }

        AnsiConsole.Write(table);
        var best = steps.LastOrDefault(step => step.IsCarried(mostMilliseconds)) ?? steps[0];
        var parts = new Table().AddColumns(string.Create(CultureInfo.InvariantCulture, $"where the time goes at {best.Rate:N0} calls/s"), "p50 ms", "p95 ms", "p99 ms");
        foreach (var (name, time) in best.Times)
        {
            parts.AddRow([$"in the node: {name}", Short(time.P50), Short(time.P95), Short(time.P99)]);
        }

        parts.AddRow(["from due to acknowledged", .. Quantiles(best.Posts)]);
        parts.AddRow(["from due to seen by a member", .. Quantiles(best.Deliveries)]);
        parts.AddRow(["history, from due to read", .. Quantiles(best.Pages)]);
        AnsiConsole.Write(parts);
    }

    public static void Draw(string path, IReadOnlyList<LoadStep> steps) => SvgLines.Write(
        path,
        "ChatRooms: milliseconds from due to acknowledged, over calls offered a second",
        [.. steps.Select(static step => step.Rate)],
        [.. ((double[])[0.5, 0.95, 0.99]).Select(share => (string.Create(CultureInfo.InvariantCulture, $"p{share * 100:0} ms:"), (IReadOnlyList<double>)[.. steps.Select(step => step.Posts.Quantile(share))]))]);

    private static IEnumerable<string> Quantiles(Sample sample) => ((double[])[0.5, 0.95, 0.99]).Select(share => Short(sample.Quantile(share)));

    private static string Whole(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Short(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
