namespace ScaleKit.Admission.Tests;

/// <summary>What one is told who gets no seat.</summary>
public sealed class AdmissionRefusalTests
{
    [Fact]
    public async Task Position_OfEveryRefusal_IsThePlaceInTheLine()
    {
        using var crowd = new Crowd(room: 1, configure: options => options.RoomQueueCapacity = 3);
        _ = crowd.Sit("a");
        var first = crowd.Wait("a", Timeout.InfiniteTimeSpan);
        var hasty = crowd.Wait("a", TimeSpan.FromSeconds(1));
        var leaving = crowd.Wait("a", Timeout.InfiniteTimeSpan);

        Assert.Equal(4, crowd.Answer("a").Position);
        Assert.Equal(4, crowd.Queue.TryAdmit("a").Position);
        leaving.Waiter!.Leave();
        Assert.Equal(3, Crowd.Done(leaving).Position);
        crowd.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((AdmissionRefusal.DeadlineExceeded, 2), (Crowd.Done(hasty).Refusal, Crowd.Done(hasty).Position));
        Assert.Null(crowd.Queue.TryAdmit("b").Position);
        Assert.Equal(1, first.Position);
        await crowd.Queue.DisposeAsync();
        Assert.Equal((AdmissionRefusal.Draining, 1), (Crowd.Done(first).Refusal, Crowd.Done(first).Position));
    }

    [Fact]
    public async Task RefuseHopelessWaits_ExpectedWaitBeyondTheDeadline_RefusesAtOnce()
    {
        using var crowd = new Crowd(room: 100, total: 100, configure: options => options.RefuseHopelessWaits = true);
        var leases = new Queue<AdmissionLease>(Enumerable.Range(0, 100).Select(_ => crowd.Sit("a")));
        var unknown = crowd.Queue.Enter(new AdmissionRequest("a") { Deadline = TimeSpan.FromMilliseconds(1) });
        Assert.False(unknown.Completion.IsCompleted, "Without a measured rate nobody is hopeless.");
        for (var i = 0; i < 30; i++)
        {
            _ = crowd.Wait("a", Timeout.InfiniteTimeSpan);
        }

        for (var second = 0; second < 10; second++)
        {
            crowd.Clock.Advance(TimeSpan.FromSeconds(1));
            await leases.Dequeue().DisposeAsync();
        }

        // Twenty before it, one a second.
        var hopeless = crowd.Queue.Enter(new AdmissionRequest("a") { Deadline = TimeSpan.FromSeconds(5) });
        Assert.Equal(AdmissionRefusal.DeadlineHopeless, Crowd.Done(hopeless).Refusal);
        Assert.InRange(Crowd.Done(hopeless).RetryAfter!.Value.TotalSeconds, 15, 30);
        Assert.False(crowd.Queue.Enter(new AdmissionRequest("a") { Deadline = TimeSpan.FromMinutes(2) }).Completion.IsCompleted);
        Assert.False(crowd.Queue.Enter(new AdmissionRequest("a") { Deadline = Timeout.InfiniteTimeSpan }).Completion.IsCompleted);
    }
}
