namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>A process's clock. It stands still until the scheduler lets a timer fire.</summary>
internal sealed class Clock(Process process) : TimeProvider
{
    public static readonly TimeSpan MirrorTimeout = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan MoveTimeout = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan LeaseDuration = TimeSpan.FromHours(1);
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public long Now => _now;

    public override long GetTimestamp() => _now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_now);

    public void Advance(TimeSpan by) => _now += by.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Alarm(() => callback(state), dueTime);

        // A store that does not answer fails its call; the timer that would say so as well stays silent.
        if (dueTime != MirrorTimeout && dueTime > TimeSpan.Zero)
        {
            process.SetAlarm(timer);
        }

        return timer;
    }
}
