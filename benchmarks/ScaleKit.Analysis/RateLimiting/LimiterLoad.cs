using ScaleKit.RateLimiting;
using ScaleKit.Redis;
using Spectre.Console;
using StackExchange.Redis;

namespace ScaleKit.Analysis.RateLimiting;

/// <summary>
/// What a shared limit costs on a real server, beside the classical sorted set over the same connection. The wide limit is never reached, so the rival's sets hold the
/// calls of the last second: thousands for one key, some dozen for each of a thousand.
/// </summary>
internal static class LimiterLoad
{
    public static readonly AnalysisCommand Command = new(
        "limiter-load",
        "calls a second, latency and Redis commands of shared limits against the classical sorted-set script over the same connection",
        new Dictionary<string, string>(StringComparer.Ordinal) { ["redis"] = "", ["callers"] = "64", ["calls"] = "12800", ["laps"] = "7", ["keys"] = "1000" },
        RunAsync);

    private static readonly RateLimitPolicy Wide = new("wide", RateLimitPolicy.MaximumLimit, TimeSpan.FromSeconds(1));
    private static readonly RateLimitPolicy Narrow = new("narrow", 10, TimeSpan.FromDays(1));

    private static async Task RunAsync(AnalysisArguments arguments, AnalysisReport report)
    {
        var (callers, keys) = (arguments.Number("callers", 1, 10_000), arguments.Number("keys", 1, 1_000_000));
        var (calls, laps) = (arguments.Number("calls", 1, 10_000_000), arguments.Number("laps", 1, 1_000));
        await using var redis = await RedisToMeasure.OfAsync(arguments);
        await using var connection = new RedisConnection(
            new RedisOptions { ConnectionString = redis.EndPoint, KeyPrefix = "scalekit-analysis", CallTimeout = TimeSpan.FromSeconds(30) });
        while (!(await connection.CheckHealthAsync()).IsHealthy)
        {
        }

        using var store = new RedisRateLimitStore(
            connection, new RedisRateLimitOptions { Timeout = TimeSpan.FromSeconds(30), WhenUnavailable = RateLimitFallback.Closed });
        using var client = await ConnectionMultiplexer.ConnectAsync(redis.EndPoint + ",allowAdmin=true");
        var wide = new SortedSetLimit(connection, TimeProvider.System, Wide.Limit, Wide.Window);
        var narrow = new SortedSetLimit(connection, TimeProvider.System, Narrow.Limit, Narrow.Window);

        // A run of its own: who was refused in the last one, for a day, must not be so here.
        var run = Guid.NewGuid().ToString("N");
        var names = Enumerable.Range(0, keys).Select(i => $"{run}:{i}").ToArray();
        var rivals = names.Select(wide.Name).ToArray();
        var refusing = narrow.Name($"{run}:narrow");
        await ExhaustAsync(store, narrow, names[0], refusing);
        var measure = new LimiterLap(client, laps, calls);
        AnsiConsole.MarkupLineInterpolated($"{callers} callers, {laps} laps of {calls} calls of each ...");
        var one = await measure.CompareAsync(callers, true, _ => Own(store, Wide, names[0]), _ => wide.TakeAsync(rivals[0]));
        var many = await measure.CompareAsync(callers, true, i => Own(store, Wide, names[i % keys]), i => wide.TakeAsync(rivals[i % keys]));
        var refused = await measure.CompareAsync(callers, false, _ => Own(store, Narrow, names[0]), _ => narrow.TakeAsync(refusing));
        var alone = await measure.CompareAsync(1, true, _ => Own(store, Wide, names[^1]), _ => wide.TakeAsync(rivals[^1]));
        Print([("one key", one), ($"{keys} keys", many), ("one key, refused", refused), ("one caller", alone)]);
        Report("one_key", one, 6, report);
        Report("many_keys", many, 2.2, report);
        Report("refused", refused, 50, report);
        Report("one_caller", alone, 1, report);
        report.TimeAtMost("one_caller_p99_times_rival", Math.Round(alone.Own.P99 / alone.Rival.P99, 2), 1.2);
        report.AtMost("refused_commands", refused.Own.Commands, 0);
        report.AtMost("wrong_answers", measure.WrongAnswers, 0);
    }

    private static async ValueTask<bool> Own(RedisRateLimitStore store, RateLimitPolicy policy, string key)
    {
        var pending = store.AcquireAsync(new RateLimitCharge(policy, key));
        return (pending.IsCompletedSuccessfully ? pending.Result : await pending).IsAcquired;
    }

    private static async Task ExhaustAsync(RedisRateLimitStore store, SortedSetLimit classical, string name, RedisName rival)
    {
        for (var i = 0; i <= Narrow.Limit; i++)
        {
            await Own(store, Narrow, name);
            await classical.TakeAsync(rival);
        }
    }

    private static void Report(string name, (LimiterFigures Own, LimiterFigures Rival) found, double bar, AnalysisReport report)
    {
        report.TimeAtLeast($"{name}_times_rival", Math.Round(found.Own.CallsASecond / found.Rival.CallsASecond, 2), bar);
        report.Figure($"{name}_calls_per_s", Math.Round(found.Own.CallsASecond));
        report.Figure($"{name}_rival_calls_per_s", Math.Round(found.Rival.CallsASecond));
        report.Figure($"{name}_p50_us", Math.Round(found.Own.P50, 1));
        report.Figure($"{name}_p99_us", Math.Round(found.Own.P99, 1));
        report.Figure($"{name}_rival_p99_us", Math.Round(found.Rival.P99, 1));
        report.Figure($"{name}_commands_per_call", Math.Round(found.Own.Commands / found.Own.Calls, 3));
        report.Figure($"{name}_rival_commands_per_call", Math.Round(found.Rival.Commands / found.Rival.Calls, 3));
    }

    private static void Print(IEnumerable<(string Name, (LimiterFigures Own, LimiterFigures Rival) Found)> rows)
    {
        var table = new Table().AddColumns("load", "limiter", "calls/s", "p50 us", "p99 us", "Redis commands/s", "commands a call");
        foreach (var (name, found) in rows)
        {
            table.AddRow([name, "ScaleKit", .. found.Own.Cells]);
            table.AddRow([name, "sorted set", .. found.Rival.Cells]);
        }

        AnsiConsole.Write(table);
    }
}
