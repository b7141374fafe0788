using Microsoft.Extensions.Internal;

namespace ScaleKit.Caching;

/// <summary>The cache's clock for lifetimes. It counts on from an arbitrary date by the monotonic timestamp, so a wall clock that is set moves no expiration.</summary>
internal sealed class MonotonicClock(TimeProvider time) : ISystemClock
{
    private static readonly DateTimeOffset Origin = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly long _start = time.GetTimestamp();
    private readonly long _step = Math.Max(1, time.TimestampFrequency / 1000);
    private long _seen = time.GetTimestamp();

    /// <summary>Longer lifetimes are cut to this: ten years, far beyond any process, and safe to add to a date.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromDays(3650);

    /// <summary>The exact timestamp.</summary>
    public long Now
    {
        get
        {
            var now = time.GetTimestamp();

            // Written once a millisecond, not on every hit: the field is shared by all cores.
            if (now - Volatile.Read(ref _seen) >= _step)
                Volatile.Write(ref _seen, now);
            return now;
        }
    }

    /// <summary>
    /// The time that was last read, for the store: reading a clock is half the cost of a hit, and the store needs the time only to order and to sweep. It may be
    /// behind by a millisecond, and by more while nothing happens.
    /// </summary>
    public DateTimeOffset UtcNow => Origin + time.GetElapsedTime(_start, Volatile.Read(ref _seen));

    public TimeProvider Time => time;

    public static TimeSpan Clamp(TimeSpan lifetime) => lifetime > Longest ? Longest : lifetime;

    /// <summary>Brings <see cref="UtcNow"/> up to date.</summary>
    public void Refresh() => Volatile.Write(ref _seen, time.GetTimestamp());

    /// <summary>The timestamp that lies <paramref name="lifetime"/> after <paramref name="now"/>.</summary>
    public long After(long now, TimeSpan lifetime) => now + (long)(Clamp(lifetime).TotalSeconds * time.TimestampFrequency);
}
