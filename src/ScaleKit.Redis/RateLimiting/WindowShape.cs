using System.Runtime.InteropServices;
using ScaleKit.RateLimiting;

namespace ScaleKit.Redis;

/// <summary>A policy as the script takes it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WindowShape
{
    // Numbers of buckets have six bytes in Redis: with 4 µs they last until the year 2056.
    private const double NarrowestBucket = 4;
    private const int WideCountsFrom = 32_767;

    private WindowShape(double window, double width, int limit) => (Window, Width, Limit) = (window, width, limit);

    /// <summary>Microseconds, rounded up.</summary>
    public double Window { get; }

    /// <summary>Microseconds of a bucket, a whole number that a float holds exactly; 0 without buckets; negative where counts need four bytes.</summary>
    public double Width { get; }

    public int Limit { get; }

    public bool HasBuckets => Width != 0;

    public static WindowShape Of(RateLimitPolicy policy)
    {
        var window = Math.Ceiling(policy.Window.Ticks / (double)TimeSpan.TicksPerMicrosecond);
        if (policy.Limit <= policy.Buckets + 1)
        {
            return new(window, width: 0, policy.Limit);
        }

        // Rounded up, so that no more buckets than the policy has cover the window.
        var width = Math.Max(NarrowestBucket, Math.Ceiling(window / policy.Buckets));
        var rounded = (float)width;
        rounded = rounded < width ? MathF.BitIncrement(rounded) : rounded;
        return new(window, policy.Limit > WideCountsFrom ? -rounded : rounded, policy.Limit);
    }
}
