namespace ScaleKit.Analysis.RateLimiting;

/// <summary>The system's clock, wrong by a constant.</summary>
internal sealed class ShiftedClock(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;

    public override long GetTimestamp() => System.GetTimestamp() + (long)(by.TotalSeconds * System.TimestampFrequency);
}
