using FsCheck;
using FsCheck.Fluent;

namespace ScaleKit.RateLimiting.Tests;

/// <summary>A policy and calls to it. The pauses are drawn from all scales that matter: none, single ticks, about a bucket, about a window, more.</summary>
internal sealed record Traffic(RateLimitPolicy Policy, IReadOnlyList<TrafficCall> Calls)
{
    public static Arbitrary<Traffic> Any { get; } = Create(minimumLimit: 1, maximumLimit: 60, maximumBuckets: 20);

    /// <summary>Limits so small that every permit keeps an instant of its own.</summary>
    public static Arbitrary<Traffic> Small { get; } = Create(minimumLimit: 1, maximumLimit: 17, maximumBuckets: 16, minimumBuckets: 16);

    public override string ToString() => $"{Policy} window {Policy.Window.Ticks} ticks: {string.Join(' ', Calls.Select(c => $"+{c.Pause}:{c.Permits}"))}";

    private static Arbitrary<Traffic> Create(int minimumLimit, int maximumLimit, int maximumBuckets, int minimumBuckets = 1)
    {
        var generator =
            from limit in Gen.Choose(minimumLimit, maximumLimit)
            from buckets in Gen.Choose(minimumBuckets, maximumBuckets)
            from window in Gen.Choose(10_000, 40_000)
            from length in Gen.Choose(1, 120)
            from calls in Gen.ArrayOf(CallOf(limit, buckets, window), length)
            select new Traffic(new RateLimitPolicy("p", limit, TimeSpan.FromTicks(window), buckets), calls);
        return generator.ToArbitrary();
    }

    private static Gen<TrafficCall> CallOf(int limit, int buckets, int window)
    {
        var bucket = (window / buckets) + 1;
        var pause = Gen.Frequency(
            (3, Gen.Constant(0)),
            (2, Gen.Choose(1, 3)),
            (4, Gen.Choose(0, bucket / 2)),
            (2, Gen.Choose(bucket - 2, bucket + 2)),
            (1, Gen.Choose(window - bucket - 2, window + bucket + 2)),
            (1, Gen.Choose(0, 3 * window)));
        var permits = Gen.Frequency((1, Gen.Constant(0)), (6, Gen.Constant(1)), (3, Gen.Choose(1, limit)));
        return from p in pause from n in permits select new TrafficCall(Math.Max(0, p), n);
    }
}

internal sealed record TrafficCall(int Pause, int Permits);
