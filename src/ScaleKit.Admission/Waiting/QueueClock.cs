namespace ScaleKit.Admission;

/// <summary>Time since the queue was made.</summary>
internal sealed class QueueClock(TimeProvider timeProvider)
{
    private readonly long _startedAt = timeProvider.GetTimestamp();
    private readonly double _ticksPerTimestamp = (double)TimeSpan.TicksPerSecond / timeProvider.TimestampFrequency;

    public TimeSpan Now => new((long)((timeProvider.GetTimestamp() - _startedAt) * _ticksPerTimestamp));
}
