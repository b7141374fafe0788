using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class MonotonicClockTests
{
    [Fact]
    public void UtcNow_TheWallClockJumps_FollowsTheMonotonicTime()
    {
        var time = new ManualTimeProvider();
        var clock = new MonotonicClock(time);
        var start = clock.UtcNow;

        time.JumpWallClock(TimeSpan.FromDays(-9));
        Assert.Equal(start, clock.UtcNow);
        time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(start + TimeSpan.FromSeconds(5), clock.UtcNow);
    }

    [Fact]
    public void IsBefore_ManualTime_IsExactToTheTick()
    {
        var time = new ManualTimeProvider();
        var clock = new MonotonicClock(time);
        var end = clock.After(clock.Now, TimeSpan.FromSeconds(1));

        time.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));
        Assert.True(clock.IsBefore(end));
        time.Advance(TimeSpan.FromTicks(1));
        Assert.False(clock.IsBefore(end));
    }

    [Fact]
    public void IsBefore_SystemTimeAroundNow_NeverAnswersBeforeForWhatIsOver()
    {
        // Where the coarse clock decides alone it would call what ended within its last tick still to come.
        var clock = new MonotonicClock(TimeProvider.System);
        for (var i = 0; i < 200_000; i++)
        {
            var over = clock.Now;
            Assert.False(clock.IsBefore(over), $"round {i}");
            Assert.True(clock.IsBefore(over + (10 * TimeProvider.System.TimestampFrequency)));
        }
    }

    [Fact]
    public void After_EndlessLifetime_DoesNotOverflow()
    {
        var clock = new MonotonicClock(TimeProvider.System);
        var now = clock.Now;

        Assert.True(clock.After(now, TimeSpan.MaxValue) > now);
        Assert.True(clock.IsBefore(clock.After(now, TimeSpan.MaxValue)));
        Assert.False(clock.IsBefore(long.MinValue / 2));
    }
}
