using System.Diagnostics;
using System.Globalization;
using System.Threading.RateLimiting;
using ScaleKit.Admission;
using Spectre.Console;

namespace ScaleKit.Analysis.Admission;

/// <summary>
/// A crowd that enters and gives up while all seats are taken: what it leaves in memory, and what the next release costs; beside a ConcurrencyLimiter, and beside a release
/// before which nobody gave up: one release alone, after a collection of all memory, is as slow as the machine's caches are cold.
/// </summary>
internal static class AdmissionCancel
{
    private const int Rounds = 5;
    private const int WarmUp = 20_000;

    public static readonly AnalysisCommand Command = new(
        "admission-cancel",
        "visitors who enter and give up while all seats are taken: memory that stays, time of the next release",
        new Dictionary<string, string>(StringComparer.Ordinal) { ["visitors"] = "1000000" },
        RunAsync);

    private static async Task RunAsync(AnalysisArguments arguments, AnalysisReport report)
    {
        var visitors = arguments.Number("visitors", 1, 10_000_000);
        _ = await OwnAsync(WarmUp);
        _ = await RivalAsync(WarmUp);
        var rival = await RivalAsync(visitors);
        var own = await OwnAsync(visitors);
        var alone = await OwnAsync(0);
        for (var round = 1; round < Rounds; round++)
        {
            var control = await OwnAsync(0);
            alone = control.Microseconds < alone.Microseconds ? control : alone;
            var again = await OwnAsync(visitors);
            own = new Left(
                Math.Max(own.Bytes, again.Bytes), Math.Min(own.Microseconds, again.Microseconds), Math.Min(own.EachNanoseconds, again.EachNanoseconds));
        }

        Print(("three caps", own), ("three caps, nobody gave up", alone), ("one cap (ConcurrencyLimiter)", rival));
        report.Figure("rival_bytes_kept", rival.Bytes);
        report.Figure("rival_release_us", Math.Round(rival.Microseconds, 1));
        report.Figure("release_alone_us", Math.Round(alone.Microseconds, 1));
        report.Figure("enter_and_cancel_ns", Math.Round(own.EachNanoseconds));
        report.AtMost("bytes_kept", own.Bytes, 1_000_000);
        report.TimeAtMost("release_us", Math.Round(own.Microseconds, 1), 10);
    }

    private static async Task<Left> OwnAsync(int visitors)
    {
        await using var queue = new AdmissionQueue(new AdmissionOptions { RoomCapacity = 1, DefaultDeadline = Timeout.InfiniteTimeSpan });
        var seat = queue.TryAdmit("lobby").Lease!;
        return await MeasureAsync(visitors, token => queue.AdmitAsync(new AdmissionRequest("lobby"), token).AsTask(), seat.DisposeAsync);
    }

    private static async Task<Left> RivalAsync(int visitors)
    {
        await using var limiter = new ConcurrencyLimiter(new() { PermitLimit = 1, QueueLimit = int.MaxValue });
        var seat = limiter.AttemptAcquire();
        return await MeasureAsync(visitors, token => limiter.AcquireAsync(1, token).AsTask(), () =>
        {
            seat.Dispose();
            return ValueTask.CompletedTask;
        });
    }

    private static async Task<Left> MeasureAsync(int visitors, Func<CancellationToken, Task> enter, Func<ValueTask> release)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < visitors; i++)
        {
            using var leaving = new CancellationTokenSource();
            var visitor = enter(leaving.Token);
            await leaving.CancelAsync();
            await visitor.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var each = Stopwatch.GetElapsedTime(started).TotalNanoseconds / Math.Max(1, visitors);
        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;

        // Behind all who gave up: the seat is for this one.
        var last = enter(CancellationToken.None);
        started = Stopwatch.GetTimestamp();
        await release();
        var time = Stopwatch.GetElapsedTime(started);
        await last;
        return new Left(Math.Max(0, kept), time.TotalMicroseconds, each);
    }

    private static void Print(params ReadOnlySpan<(string Gate, Left Left)> rows)
    {
        var table = new Table().AddColumns("gate", "kept KB", "next release us", "enter and give up ns");
        foreach (var (gate, left) in rows)
        {
            double[] values = [left.Bytes / 1e3, left.Microseconds, left.EachNanoseconds];
            table.AddRow([gate, .. values.Select(value => value.ToString("N1", CultureInfo.InvariantCulture))]);
        }

        AnsiConsole.Write(table);
    }

    private sealed record Left(long Bytes, double Microseconds, double EachNanoseconds);
}
