using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class MonotonicClockTests
{
    [Fact]
    public void UtcNow_TimePassesAndTheWallClockJumps_FollowsTheReadingsOfNowOnly()
    {
        var time = new ManualTimeProvider();
        var clock = new MonotonicClock(time);
        var start = clock.UtcNow;
        time.JumpWallClock(TimeSpan.FromDays(-9));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(start, clock.UtcNow);

        _ = clock.Now;
        Assert.Equal(start + TimeSpan.FromSeconds(5), clock.UtcNow);
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(TimeSpan.FromSeconds(5).Ticks + 1, clock.Now);
        clock.Refresh();
        Assert.Equal(start + TimeSpan.FromSeconds(5) + TimeSpan.FromTicks(1), clock.UtcNow);
    }

    [Fact]
    public void After_EndlessLifetime_DoesNotOverflow()
    {
        var clock = new MonotonicClock(TimeProvider.System);
        var now = clock.Now;

        Assert.True(clock.After(now, TimeSpan.MaxValue) > now);
    }
}
