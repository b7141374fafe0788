using System.Diagnostics;
using ScaleKit.Migration;
using ScaleKit.TestKit;

namespace ScaleKit.Analysis.Migrations;

/// <summary>
/// What a migration costs beside what one would write by hand with the same clients: the backfill beside a plain batched copy, the verification beside one plain read of both tables, and a caller's
/// write in phase B with a dead mirror beside one in phase A.
/// </summary>
internal static class MigrationSpeed
{
    public static AnalysisCommand Command { get; } = new(
        "migration-speed",
        "Backfill from SQLite to PostgreSQL, verification, and writes beside a dead mirror, each beside its plain twin",
        new Dictionary<string, string>(StringComparer.Ordinal) { ["rows"] = "200000", ["writes"] = "2000", ["laps"] = "2" },
        RunAsync);

    private static async Task RunAsync(AnalysisArguments arguments, AnalysisReport report)
    {
        var (rows, writes, laps) = (arguments.Number("rows", 1000, 10_000_000), arguments.Number("writes", 100, 1_000_000), arguments.Number("laps", 1, 100));
        var folder = Directory.CreateTempSubdirectory("scalekit-migration-speed-").FullName;
        try
        {
            await using var server = await PostgresServer.StartAsync();
            await using var tables = new TablesToMeasure(folder, server.ConnectionString);
            await CopyAsync(tables, rows, laps, report);
            await WriteAsync(tables, writes, report);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CopyAsync(TablesToMeasure tables, int rows, int laps, AnalysisReport report)
    {
        var (copy, backfill, read, verification) = (double.MaxValue, double.MaxValue, double.MaxValue, double.MaxValue);
        for (var lap = 0; lap < laps; lap++)
        {
            await using var old = await tables.FillAsync($"old_{lap}", rows);
            copy = Math.Min(copy, await SecondsAsync(() => tables.CopyPlainlyAsync($"old_{lap}", $"plain_{lap}")));
            await using var @new = tables.OpenNew($"copied_{lap}");
            await using var repository = new DualWriteRepository<string, string>(old, @new);
            await repository.Ladder.AdvanceAsync();
            backfill = Math.Min(backfill, await SecondsAsync(async () => Check(rows, (await new Backfill<string, string>(repository).RunAsync()).Applied)));
            read = Math.Min(read, await SecondsAsync(async () => Check(2L * rows, await tables.ReadOldAsync($"old_{lap}") + await tables.ReadNewAsync($"copied_{lap}"))));
            verification = Math.Min(verification, await SecondsAsync(async () =>
            {
                var found = await new Verification<string, string>(repository).RunAsync();
                Check(rows, found.IsClean ? found.Compared : -found.Differences);
            }));
        }

        report.Figure("plain_copy_rows_per_s", Math.Round(rows / copy));
        report.Figure("backfill_rows_per_s", Math.Round(rows / backfill));
        report.TimeAtLeast("backfill_times_plain_copy", Math.Round(copy / backfill, 3), 0.5);
        report.Figure("plain_read_s", Math.Round(read, 3));
        report.Figure("verification_s", Math.Round(verification, 3));
        report.TimeAtMost("verification_times_plain_read", Math.Round(verification / read, 3), 1.5);
    }

    // One write in each phase by turns: what disturbs the machine disturbs both.
    private static async Task WriteAsync(TablesToMeasure tables, int writes, AnalysisReport report)
    {
        await using var oldA = tables.OpenFile("phase_a");
        await using var oldB = tables.OpenFile("phase_b");
        await using var inA = new DualWriteRepository<string, string>(oldA, new DeadStore());
        await using var inB = new DualWriteRepository<string, string>(oldB, new DeadStore(), new MigrationOptions { MirrorTimeout = TimeSpan.FromMilliseconds(100) });
        await inB.Ladder.AdvanceAsync();
        var (a, b) = (new double[writes], new double[writes]);
        for (var i = -50; i < writes; i++)
        {
            var key = $"key/{Math.Abs(i):D6}";
            var secondsA = await SecondsAsync(async () => await inA.UpsertAsync(key, TablesToMeasure.Value(i)));
            var secondsB = await SecondsAsync(async () => await inB.UpsertAsync(key, TablesToMeasure.Value(i)));
            if (i >= 0)
            {
                (a[i], b[i]) = (secondsA, secondsB);
            }
        }

        Array.Sort(a);
        Array.Sort(b);
        var p99 = (int)(0.99 * writes);
        report.Figure("phase_a_p99_us", Math.Round(a[p99] * 1e6));
        report.Figure("phase_b_dead_mirror_p99_us", Math.Round(b[p99] * 1e6));
        report.Figure("phase_b_times_phase_a_p50", Math.Round(b[writes / 2] / a[writes / 2], 3));
        report.TimeAtMost("phase_b_times_phase_a_p99", Math.Round(b[p99] / a[p99], 3), 1.2);
        report.AtLeast("debt_kept", (await oldB.GetOutboxStatusAsync()).Pending, writes);
    }

    private static void Check(long expected, long actual)
    {
        if (expected != actual)
        {
            throw new InvalidOperationException($"{actual} rows instead of {expected}.");
        }
    }

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
