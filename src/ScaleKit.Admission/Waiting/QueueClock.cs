namespace ScaleKit.Admission;

/// <summary>
/// Time since the queue was made. On the system's clock it is the coarse one, a quarter of the cost of the fine one and good enough for deadlines of people;
/// what it may lag behind is in <see cref="Lag"/>.
/// </summary>
internal sealed class QueueClock(TimeProvider timeProvider)
{
    private readonly bool _isSystem = ReferenceEquals(timeProvider, TimeProvider.System);
    private readonly long _startedAt = timeProvider.GetTimestamp();
    private readonly long _startedAtMilliseconds = Coarse();

    public TimeSpan Now => _isSystem ? TimeSpan.FromTicks((Coarse() - _startedAtMilliseconds) * TimeSpan.TicksPerMillisecond) : timeProvider.GetElapsedTime(_startedAt);

    /// <summary>How much later than <see cref="Now"/> it may be.</summary>
    public TimeSpan Lag => _isSystem ? TimeSpan.FromMilliseconds(16) : TimeSpan.Zero;

#pragma warning disable RS0030 // Not a wall clock, and used only in place of the system's own TimeProvider.
    private static long Coarse() => Environment.TickCount64;
#pragma warning restore RS0030
}
