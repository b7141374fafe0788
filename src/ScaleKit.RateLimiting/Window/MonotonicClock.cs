using System.Diagnostics;

namespace ScaleKit.RateLimiting;

/// <summary>
/// Ticks of 100 ns since the clock was made, from <see cref="TimeProvider.GetTimestamp"/>: a jump of the wall clock changes nothing. Thread-safe.
/// </summary>
internal sealed class MonotonicClock
{
    private const long Nanoseconds = 1_000_000_000;

    private readonly TimeProvider _timeProvider;
    private readonly long _frequency;
    private readonly long _start;

    public MonotonicClock(TimeProvider? timeProvider)
    {
        _timeProvider = timeProvider ?? TimeProvider.System;
        _frequency = _timeProvider.TimestampFrequency;
        _start = _timeProvider.GetTimestamp();
    }

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
