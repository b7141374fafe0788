namespace ScaleKit.Admission.Tests;

/// <summary>Half-open connections: nobody was told that they are over, so nobody gives their seats back.</summary>
public sealed class AdmissionIdleTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task IdleTimeout_NoSignOfLife_GivesTheSeatToTheNextAndTellsTheHolder()
    {
        using var crowd = new Crowd(room: 1, configure: options => options.IdleTimeout = Idle);
        var silent = crowd.Sit("a");
        var told = new TaskCompletionSource();
        using var registration = silent.LeaseLost.Register(told.SetResult);
        var next = crowd.Wait("a");

        crowd.Clock.Advance(Idle - TimeSpan.FromTicks(1));
        Assert.False(silent.IsReleased);
        crowd.Clock.Advance(DeadlineWheel.Tick + TimeSpan.FromTicks(1));

        Assert.True(Crowd.Done(next).IsAdmitted);
        Assert.True(silent.IsReleased);
        Assert.False(silent.Beat());
        await told.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Beat_NowAndThen_KeepsTheSeatUntilItStops()
    {
        using var crowd = new Crowd(room: 1, configure: options => options.IdleTimeout = Idle);
        var lease = crowd.Sit("a");
        for (var second = 0; second < 600; second += 20)
        {
            crowd.Clock.Advance(TimeSpan.FromSeconds(20));
            Assert.True(lease.Beat());
        }

        crowd.Clock.Advance(Idle - TimeSpan.FromTicks(1));
        Assert.False(lease.IsReleased);
        crowd.Clock.Advance(DeadlineWheel.Tick + TimeSpan.FromTicks(1));
        Assert.True(lease.IsReleased);
        Assert.Equal((0, 0), (crowd.Queue.GetSnapshot().Seats, crowd.Queue.Holdings.Deadlines));
    }

    [Fact]
    public void Beat_LongestHoldPassed_DoesNotKeepTheSeat()
    {
        using var crowd = new Crowd(room: 1, configure: options => (options.IdleTimeout, options.MaximumHold) = (Idle, TimeSpan.FromSeconds(50)));
        var lease = crowd.Sit("a");
        crowd.Clock.Advance(TimeSpan.FromSeconds(25));
        Assert.True(lease.Beat());
        crowd.Clock.Advance(TimeSpan.FromSeconds(25) + DeadlineWheel.Tick);
        Assert.True(lease.IsReleased);
    }
}
