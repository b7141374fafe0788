using System.Diagnostics;

namespace ScaleKit.Analysis;

/// <summary>Times two things in turns and compares their best laps: what disturbs the machine disturbs both.</summary>
public static class BestOf
{
    /// <summary>Nanoseconds per operation of each.</summary>
    public static (double First, double Second) Laps(int laps, int operations, Func<ulong> first, Func<ulong> second)
    {
        var (a, b) = (double.MaxValue, double.MaxValue);
        var started = Stopwatch.GetTimestamp();

        // Short laps are repeated for a tenth of a second each: the optimised code comes from a thread that may have to wait for its turn.
        for (var lap = 0; lap < laps || Stopwatch.GetElapsedTime(started).TotalSeconds < laps * 0.1; lap++)
        {
            a = Math.Min(a, Time(first, operations));
            b = Math.Min(b, Time(second, operations));
        }

        return (a, b);
    }

    private static double Time(Func<ulong> action, int operations)
    {
        var started = Stopwatch.GetTimestamp();
        GC.KeepAlive(action());
        return Stopwatch.GetElapsedTime(started).TotalNanoseconds / operations;
    }
}
