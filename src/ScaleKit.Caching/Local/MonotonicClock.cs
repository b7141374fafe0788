using Microsoft.Extensions.Internal;

namespace ScaleKit.Caching;

/// <summary>The cache's clock for lifetimes. It counts on from an arbitrary date by the monotonic timestamp, so a wall clock that is set moves no expiration.</summary>
internal sealed class MonotonicClock : ISystemClock
{
    /// <summary>
    /// How far the coarse clock may be behind, in nanoseconds. It moves with the kernel's tick, 1 to 10 ms; the rest is for a virtual machine whose tick comes late.
    /// </summary>
    private const long Slack = 100_000_000;

    private const long NanosecondsPerMillisecond = 1_000_000;
    private static readonly DateTimeOffset Origin = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly bool _hasCoarse;

    public MonotonicClock(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();

        // On Linux both are readings of CLOCK_MONOTONIC, in nanoseconds and in milliseconds; the last comparison makes sure of it. Elsewhere they may drift apart.
        _hasCoarse = ReferenceEquals(time, TimeProvider.System)
            && OperatingSystem.IsLinux()
            && time.TimestampFrequency == 1_000_000_000
            && Math.Abs(_start - Coarse) < Slack / 2;
    }

    /// <summary>Longer lifetimes are cut to this: ten years, far beyond any process, and safe to add to a date.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromDays(3650);

    /// <summary>The exact timestamp.</summary>
    public long Now => _time.GetTimestamp();

    public DateTimeOffset UtcNow => Origin + _time.GetElapsedTime(_start);

    public TimeProvider Time => _time;

#pragma warning disable RS0030 // The tick count stands for the system's time provider alone, and only where it cannot change the answer: see IsBefore.
    private static long Coarse => Environment.TickCount64 * NanosecondsPerMillisecond;
#pragma warning restore RS0030

    public static TimeSpan Clamp(TimeSpan lifetime) => lifetime > Longest ? Longest : lifetime;

    /// <summary>
    /// Whether <paramref name="timestamp"/> is still to come; exact. An exact reading is more than half the cost of a hit, so the kernel's coarse clock, which costs a fifth
    /// of it, decides where it leaves no doubt.
    /// </summary>
    public bool IsBefore(long timestamp) => (_hasCoarse && Coarse < timestamp - Slack) || _time.GetTimestamp() < timestamp;

    /// <summary>The timestamp that lies <paramref name="lifetime"/> after <paramref name="now"/>.</summary>
    public long After(long now, TimeSpan lifetime) => now + (long)(Clamp(lifetime).TotalSeconds * _time.TimestampFrequency);
}
