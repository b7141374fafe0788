using System.Diagnostics;

namespace ScaleKit.RateLimiting;

/// <summary>
/// Ticks of 100 ns since the clock was made, from <see cref="TimeProvider.GetTimestamp"/>: a jump of the wall clock changes nothing. Thread-safe.
/// </summary>
internal sealed class MonotonicClock
{
    /// <summary>
    /// How far <see cref="Coarse"/> may be behind <see cref="Now"/>. It moves with the kernel's tick, 1 to 16 ms; the rest is for a virtual machine whose tick comes late.
    /// </summary>
    internal const long Slack = 100 * TimeSpan.TicksPerMillisecond;

    private const long Nanoseconds = 1_000_000_000;

    private readonly TimeProvider _timeProvider;
    private readonly long _frequency;
    private readonly long _start;
    private readonly long _coarseStart;

    public MonotonicClock(TimeProvider? timeProvider)
    {
        _timeProvider = timeProvider ?? TimeProvider.System;
        _frequency = _timeProvider.TimestampFrequency;
        _start = _timeProvider.GetTimestamp();
        _coarseStart = _start / (Nanoseconds / TimeSpan.TicksPerSecond);

        // On Linux both are readings of CLOCK_MONOTONIC, in nanoseconds and in milliseconds; the last comparison makes sure of it. Elsewhere they may drift apart.
        HasCoarse = ReferenceEquals(_timeProvider, TimeProvider.System)
            && OperatingSystem.IsLinux()
            && _frequency == Nanoseconds
            && Math.Abs(Coarse) < Slack / 2;
    }

    /// <summary>Whether <see cref="Coarse"/> tells this clock's time.</summary>
    public bool HasCoarse { get; }

#pragma warning disable RS0030 // The tick count stands for the system's time provider alone, and only where it cannot change the answer: see SlidingWindow.TryJoin.
    /// <summary>Never later than <see cref="Now"/>, and less than <see cref="Slack"/> behind it; a fifth of the cost.</summary>
    public long Coarse => (Environment.TickCount64 * TimeSpan.TicksPerMillisecond) - _coarseStart;
#pragma warning restore RS0030

    public long Now
    {
        get
        {
            var elapsed = _timeProvider.GetTimestamp() - _start;
            Debug.Assert(elapsed >= 0, "a timestamp never goes back");

            // Integers all the way: a double would lose ticks after some weeks of uptime. The two usual frequencies avoid the 128-bit division.
            return _frequency switch
            {
                Nanoseconds => elapsed / (Nanoseconds / TimeSpan.TicksPerSecond),
                TimeSpan.TicksPerSecond => elapsed,
                _ => (long)((Int128)elapsed * TimeSpan.TicksPerSecond / _frequency),
            };
        }
    }
}
