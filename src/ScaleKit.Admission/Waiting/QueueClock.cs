namespace ScaleKit.Admission;

/// <summary>Time since the queue was made.</summary>
internal sealed class QueueClock(TimeProvider timeProvider)
{
    private readonly long _startedAt = timeProvider.GetTimestamp();

    public TimeSpan Now => timeProvider.GetElapsedTime(_startedAt);
}
