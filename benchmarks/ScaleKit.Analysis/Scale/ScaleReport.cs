using Spectre.Console;

namespace ScaleKit.Analysis.Scale;

/// <summary>What an application needs for 10, 100 and 200 million monthly users: from bytes and rates measured here, from stated assumptions, and from the reader's own prices.</summary>
internal static class ScaleReport
{
    private static readonly long[] Users = [10_000_000, 100_000_000, 200_000_000];

    public static readonly AnalysisCommand Command = new(
        "scale",
        "what 10, 100 and 200 million monthly users need, and what it costs",
        new Dictionary<string, string>(Assumptions.Defaults, StringComparer.Ordinal)
        {
            ["redis"] = "", ["router-keys"] = "100000000", ["limiter-keys"] = "10000000", ["sample-keys"] = "20000", ["prices"] = "",
        },
        RunAsync);

    private static async Task RunAsync(AnalysisArguments arguments, AnalysisReport report)
    {
        var assumptions = Assumptions.Of(arguments);
        var prices = PriceList.Of(arguments);
        var sample = arguments.Number("sample-keys", 100, 1_000_000);
        var unit = await AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async progress => new UnitCosts(
                RouterAtScale.Run(arguments.Number("router-keys", 1_000, 1_000_000_000), progress, report),
                LimiterAtScale.Run(arguments.Number("limiter-keys", 1_000, 50_000_000), progress, report),
                MemoryUnits.Measure(sample, assumptions, progress, report),
                await RedisUnits.MeasureAsync(arguments, sample, assumptions, progress, report)));

        var demands = Users.Select(users => Demand.Of(users, assumptions, unit)).ToList();
        ScaleTables.Print(demands, prices, assumptions);
        foreach (var demand in demands)
        {
            var name = $"{demand.Users / 1_000_000}m";
            report.Figure($"{name}_queries_per_s_peak", demand.PeakQueries);
            report.Figure($"{name}_user_shards", demand.UserShards);
            report.Figure($"{name}_redis_gib", demand.RedisGib);
            report.Figure($"{name}_redis_masters", demand.RedisMasters);
            report.Figure($"{name}_cost_per_month", prices.Lines(demand).Sum(line => line.Cost));
        }

        CostDrawing.Draw(arguments, users => Demand.Of(users, assumptions, unit), prices, Users[^1]);
    }
}
