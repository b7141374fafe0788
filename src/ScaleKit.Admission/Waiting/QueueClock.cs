namespace ScaleKit.Admission;

/// <summary>
/// Time since the queue was made. Where the clock is the system's, it is read as its timers read it, by the tick that the kernel keeps: the exact counter
/// took a fifth of what it costs to hand a seat over, and who waits for a seat is not in a hurry by milliseconds.
/// </summary>
/// <param name="timeProvider">The clock.</param>
/// <param name="isExact">Reads the exact counter all the same: for times of a few milliseconds.</param>
internal sealed class QueueClock(TimeProvider timeProvider, bool isExact)
{
    private readonly bool _isCoarse = !isExact && ReferenceEquals(timeProvider, TimeProvider.System);
    private readonly long _startedAtTick = Tick();
    private readonly long _startedAt = timeProvider.GetTimestamp();
    private readonly double _ticksPerTimestamp = (double)TimeSpan.TicksPerSecond / timeProvider.TimestampFrequency;

    /// <summary>How far <see cref="Now"/> can be behind, 4 ms on most Linux kernels, 15.6 ms on Windows: added to what lasts from now on, so that it is never cut short.</summary>
    public TimeSpan Lag => _isCoarse ? TimeSpan.FromMilliseconds(16) : TimeSpan.Zero;

    public TimeSpan Now => new(_isCoarse
        ? (Tick() - _startedAtTick) * TimeSpan.TicksPerMillisecond
        : (long)((timeProvider.GetTimestamp() - _startedAt) * _ticksPerTimestamp));

#pragma warning disable RS0030 // Monotonic, and read only where no other clock was given.
    private static long Tick() => Environment.TickCount64;
#pragma warning restore RS0030
}
