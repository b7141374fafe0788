using Microsoft.Extensions.Internal;

namespace ScaleKit.Caching;

/// <summary>The cache's clock for lifetimes. It counts on from an arbitrary date by the monotonic timestamp, so a wall clock that is set moves no expiration.</summary>
internal sealed class MonotonicClock(TimeProvider time) : ISystemClock
{
    private static readonly DateTimeOffset Origin = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly long _start = time.GetTimestamp();

    /// <summary>Longer lifetimes are cut to this: ten years, far beyond any process, and safe to add to a date.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromDays(3650);

    public long Now => time.GetTimestamp();

    public DateTimeOffset UtcNow => Origin + time.GetElapsedTime(_start);

    public TimeProvider Time => time;

    public static TimeSpan Clamp(TimeSpan lifetime) => lifetime > Longest ? Longest : lifetime;

    /// <summary>The timestamp that lies <paramref name="lifetime"/> after <paramref name="now"/>.</summary>
    public long After(long now, TimeSpan lifetime) => now + (long)(Clamp(lifetime).TotalSeconds * time.TimestampFrequency);
}
