namespace ScaleKit.Admission.Tests;

/// <summary>The same client twice in one room.</summary>
public sealed class AdmissionClientTests
{
    [Fact]
    public void SameClient_Allow_HoldsSeveralSeats()
    {
        using var crowd = new Crowd();
        _ = crowd.Sit("a", "ann");
        _ = crowd.Sit("a", "ann");
        Assert.Equal(2, crowd.Queue.GetSnapshot().Seats);
    }

    [Fact]
    public async Task SameClient_Reject_RefusesTheSecondSeatUntilTheFirstIsGivenBack()
    {
        using var crowd = With(AdmissionSameClient.Reject);
        var first = crowd.Sit("a", "ann");

        Assert.Equal(AdmissionRefusal.AlreadyPresent, crowd.Queue.TryAdmit("a", "ann").Refusal);
        Assert.True(crowd.Queue.TryAdmit("b", "ann").IsAdmitted);
        Assert.True(crowd.Queue.TryAdmit("a").IsAdmitted);
        await first.DisposeAsync();
        Assert.True(crowd.Queue.TryAdmit("a", "ann").IsAdmitted);
    }

    [Fact]
    public async Task SameClient_Reject_RefusesTheSecondPlaceInTheLineAndASeatHandedOver()
    {
        using var crowd = With(AdmissionSameClient.Reject, room: 1);
        var seat = crowd.Sit("a", "bob");
        var ticket = crowd.Queue.Enter(new AdmissionRequest("a", "ann"));

        Assert.Equal(AdmissionRefusal.AlreadyPresent, (await crowd.Queue.AdmitAsync(new AdmissionRequest("a", "ann"))).Refusal);
        await seat.DisposeAsync();
        Assert.True(Crowd.Done(ticket).IsAdmitted);
        Assert.Equal(AdmissionRefusal.AlreadyPresent, crowd.Queue.TryAdmit("a", "ann").Refusal);
        Assert.Equal(AdmissionRefusal.NoSeat, crowd.Queue.TryAdmit("a", "bob").Refusal);
    }

    [Fact]
    public async Task SameClient_Replace_TakesTheSeatOverAndTellsTheOlderHolder()
    {
        using var crowd = With(AdmissionSameClient.Replace, room: 1);
        var older = crowd.Sit("a", "ann");
        var waiting = crowd.Wait("a");
        var told = new TaskCompletionSource();
        using var registration = older.LeaseLost.Register(told.SetResult);

        var newer = crowd.Queue.TryAdmit("a", "ann");

        Assert.True(newer.IsAdmitted);
        Assert.True(older.IsReleased);
        await told.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await older.DisposeAsync();
        Assert.Equal((1, 1), (crowd.Queue.GetSnapshot().Seats, waiting.Position));
        await newer.Lease.DisposeAsync();
        Assert.True(Crowd.Done(waiting).IsAdmitted);
    }

    [Fact]
    public async Task SameClient_Replace_TakesThePlaceInTheLineOver()
    {
        using var crowd = With(AdmissionSameClient.Replace, room: 1);
        var seat = crowd.Sit("a");
        var older = crowd.Queue.Enter(new AdmissionRequest("a", "ann"));
        var other = crowd.Wait("a");

        var newer = crowd.Queue.Enter(new AdmissionRequest("a", "ann"));

        Assert.Equal((AdmissionRefusal.Replaced, 1), (Crowd.Done(older).Refusal, Crowd.Done(older).Position));
        Assert.Equal((1, 2), (newer.Position, other.Position));
        newer.Waiter!.Leave();
        var again = crowd.Queue.Enter(new AdmissionRequest("a", "ann"));
        Assert.Equal((1, 2), (other.Position, again.Position));
        await seat.DisposeAsync();
        Assert.True(Crowd.Done(other).IsAdmitted);
    }

    /// <summary>The interleaving: the older holder has decided to give its seat back and awaits the lock. That seat cannot be taken over any more: the newer one gets another.</summary>
    [Fact]
    public void SameClient_ReplaceOfOneWhoHasDecidedToLeave_TakesAnotherSeat()
    {
        using var crowd = With(AdmissionSameClient.Replace, room: 2);
        var leaving = crowd.Sit("a", "ann").Seat;
        Assert.True(leaving.TryEnd(leaving.Generation));

        var newer = crowd.Queue.TryAdmit("a", "ann");

        Assert.Equal((true, 2), (newer.IsAdmitted, crowd.Queue.GetSnapshot().Seats));
        crowd.Queue.Release(leaving);
        Assert.Equal((false, 1), (newer.Lease!.IsReleased, crowd.Queue.GetSnapshot().Seats));
    }

    /// <summary>The same by chance, from two threads at full speed. One of them wins; no seat is lost and none counted twice.</summary>
    [Fact]
    public async Task SameClient_ReplaceWhileTheOlderLeaves_CountsOneSeat()
    {
        using var crowd = With(AdmissionSameClient.Replace, room: 2);
        for (var round = 0; round < 2_000; round++)
        {
            var older = crowd.Queue.TryAdmit("a", "ann").Lease!;
            using var both = new Barrier(2);
            var leaving = Task.Run(async () =>
            {
                both.SignalAndWait();
                await older.DisposeAsync();
            });
            both.SignalAndWait();
            var newer = crowd.Queue.TryAdmit("a", "ann");
            await leaving;
            Assert.Equal((true, 1), (newer.IsAdmitted, crowd.Queue.GetSnapshot().Seats));
            await newer.Lease!.DisposeAsync();
            Assert.Equal(0, crowd.Queue.GetSnapshot().Seats);
        }
    }

    private static Crowd With(AdmissionSameClient policy, int room = 8) => new(room, configure: options => options.SameClient = policy);
}
