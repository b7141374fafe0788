using System.Diagnostics;
using System.Globalization;
using ScaleKit.RateLimiting;
using Spectre.Console;

namespace ScaleKit.Analysis.Scale;

/// <summary>Ten million clients at one limiter: each is held to its own limit, and what a window costs in memory and time.</summary>
internal static class LimiterAtScale
{
    private const int Limit = 3;
    private const int Slice = 100_000;

    public static LimiterUnit Run(int keys, ProgressContext progress, AnalysisReport report)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var store = new InProcessRateLimitStore(keys + (keys / 4));
        var policy = new RateLimitPolicy("client", Limit, TimeSpan.FromHours(1));
        var (task, nanoseconds, admitted) = (progress.AddTask($"limiter: {keys:N0} keys", maxValue: keys), 0.0, 0L);
        var names = new string[Slice];
        for (var from = 0; from < keys; from += Slice)
        {
            var count = Math.Min(Slice, keys - from);
            for (var i = 0; i < count; i++)
            {
                names[i] = (from + i).ToString("D10", CultureInfo.InvariantCulture);
            }

            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++)
            {
                admitted += store.AttemptAcquire(new RateLimitCharge(policy, names[i])).IsAcquired ? 1 : 0;
            }

            nanoseconds += Stopwatch.GetElapsedTime(started).TotalNanoseconds;
            task.Increment(count);
        }

        report.Figure("limiter_keys", keys);
        report.Figure("limiter_new_key_ns", nanoseconds / keys);
        report.AtMost("limiter_first_calls_refused", keys - admitted, 0);
        report.AtMost("limiter_keys_sharing_a_window", keys - store.Keys, 0);
        report.AtMost("limiter_over_limit", OverLimit(store, policy, keys), 0);
        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)keys;
        report.AtMost("limiter_bytes_per_key", bytes, 400);
        return new LimiterUnit(nanoseconds / keys, bytes);
    }

    /// <summary>Keys of a sample that get more than their limit, or less.</summary>
    private static long OverLimit(InProcessRateLimitStore store, RateLimitPolicy policy, int keys)
    {
        var wrong = 0L;
        for (var key = 0; key < keys; key += Math.Max(1, keys / 10_000))
        {
            var charge = new RateLimitCharge(policy, key.ToString("D10", CultureInfo.InvariantCulture));
            var admitted = 1;
            for (var call = 0; call < 2 * Limit; call++)
            {
                admitted += store.AttemptAcquire(charge).IsAcquired ? 1 : 0;
            }

            wrong += admitted == Limit ? 0 : 1;
        }

        return wrong;
    }
}
