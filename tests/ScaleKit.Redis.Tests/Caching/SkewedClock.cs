namespace ScaleKit.Redis.Tests.Caching;

/// <summary>The system's clock, with a wall clock that is wrong and a monotonic one that can jump ahead: what a process sees that was stopped for a while.</summary>
internal sealed class SkewedClock(TimeSpan skew = default) : TimeProvider
{
    private long _jumped;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + skew;

    public override long GetTimestamp() => System.GetTimestamp() + Volatile.Read(ref _jumped);

    public void Jump(TimeSpan by) => Interlocked.Add(ref _jumped, (long)(by.TotalSeconds * TimestampFrequency));
}
