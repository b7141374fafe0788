using System.Diagnostics;
using System.Globalization;
using ScaleKit.Admission;
using ScaleKit.Caching;
using Spectre.Console;

namespace ScaleKit.Analysis.Scale;

/// <summary>What an entry of the memory level and a seat of admission cost in a process.</summary>
internal static class MemoryUnits
{
    private const int Rounds = 20;
    private const int RoomSize = 8;

    public static MemoryUnit Measure(int sample, Assumptions assumptions, ProgressContext progress, AnalysisReport report)
    {
        var task = progress.AddTask("memory level and admission", maxValue: 2);
        var (hit, entry) = CacheAsync(sample, assumptions.SessionBytes).GetAwaiter().GetResult();
        task.Increment(1);
        var (admit, seat) = AdmissionAsync(sample).GetAwaiter().GetResult();
        task.Increment(1);
        report.Figure("memory_hit_ns", hit);
        report.Figure("memory_entry_bytes", entry);
        report.Figure("admit_and_release_ns", admit);
        report.Figure("seat_bytes", seat);
        return new MemoryUnit(hit, entry, admit, seat);
    }

    private static async Task<(double Nanoseconds, double Bytes)> CacheAsync(int sample, int valueBytes)
    {
        var keys = Enumerable.Range(0, sample).Select(i => string.Create(CultureInfo.InvariantCulture, $"session:{i:D10}")).ToArray();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await using var cache = new TwoLevelCache(new TwoLevelCacheOptions { SizeLimit = sample * 2L, SizeLimitBytes = (sample + 1_000L) * (valueBytes + 4_096L) });
        foreach (var key in keys)
        {
            // Two bytes a character: half as many characters are a value of that many bytes.
            await cache.SetAsync(key, new string('s', Math.Max(1, valueBytes / 2)));
        }

        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)sample;
        var started = Stopwatch.GetTimestamp();
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var key in keys)
            {
                await cache.GetOrCreateAsync(key, Missed);
            }
        }

        return (Stopwatch.GetElapsedTime(started).TotalNanoseconds / (Rounds * (double)sample), bytes);
    }

    private static ValueTask<string> Missed(CancellationToken cancellationToken) => throw new InvalidOperationException("A measured hit missed.");

    private static async Task<(double Nanoseconds, double Bytes)> AdmissionAsync(int sample)
    {
        var rooms = Enumerable.Range(0, (sample + RoomSize - 1) / RoomSize).Select(i => string.Create(CultureInfo.InvariantCulture, $"room:{i}")).ToArray();
        var leases = new AdmissionLease[sample];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await using var queue = new AdmissionQueue(new AdmissionOptions { RoomCapacity = RoomSize, ActiveRooms = rooms.Length + 1, TotalCapacity = sample + 1 });
        for (var i = 0; i < sample; i++)
        {
            leases[i] = queue.TryAdmit(rooms[i / RoomSize]).Lease ?? throw new InvalidOperationException("A seat below every cap was refused.");
        }

        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)sample;
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < Rounds * sample; i++)
        {
            await queue.TryAdmit("lobby").Lease!.DisposeAsync();
        }

        var nanoseconds = Stopwatch.GetElapsedTime(started).TotalNanoseconds / (Rounds * (double)sample);
        foreach (var lease in leases)
        {
            await lease.DisposeAsync();
        }

        return (nanoseconds, bytes);
    }
}
