using ScaleKit.TestKit;

namespace ScaleKit.Admission.Tests;

/// <summary>Grant, leave and deadline at the same moment: one of them wins, and neither a seat nor a visitor is lost.</summary>
public sealed class AdmissionRaceTests
{
    /// <summary>
    /// The interleaving: a leaver has decided (its compare-and-swap) and is stopped before the lock; meanwhile a seat comes free. Granting it to the leaver would
    /// lose the seat; stopping at the leaver would lose the wake-up of the next.
    /// </summary>
    [Fact]
    public async Task Release_HeadHasDecidedToLeave_SeatsTheNext()
    {
        using var crowd = new Crowd(room: 1);
        var lease = crowd.Sit("a");
        var leaver = crowd.Wait("a");
        var next = crowd.Wait("a");

        Assert.True(leaver.Waiter!.TrySettle(WaiterState.Left));
        await lease.DisposeAsync();

        Assert.True(next.Completion is { IsCompleted: true, Result.IsAdmitted: true });
        Assert.False(leaver.Completion.IsCompleted);
        Assert.Equal((1, 0), (crowd.Queue.GetSnapshot().Seats, crowd.Queue.Holdings.Linked));
    }

    [Fact]
    public async Task Release_AllWhoWaitHaveDecidedToLeave_LeavesTheSeatFree()
    {
        using var crowd = new Crowd(room: 1);
        var lease = crowd.Sit("a");
        var leaver = crowd.Wait("a");
        Assert.True(leaver.Waiter!.TrySettle(WaiterState.Left));

        await lease.DisposeAsync();

        Assert.Equal((0, 0), (crowd.Queue.GetSnapshot().Seats, crowd.Queue.GetSnapshot().Waiting));
        _ = crowd.Sit("a");
    }

    /// <summary>The other order: the grant was first, the leaver comes late. The seat is the visitor's, and it must not be given to two.</summary>
    [Fact]
    public async Task Leave_AfterTheGrant_ChangesNothing()
    {
        using var crowd = new Crowd(room: 1);
        var lease = crowd.Sit("a");
        var ticket = crowd.Wait("a");
        var next = crowd.Wait("a");
        await lease.DisposeAsync();

        ticket.Waiter!.Leave();

        Assert.True(Crowd.Done(ticket).IsAdmitted);
        Assert.Equal((1, 1), (crowd.Queue.GetSnapshot().Seats, next.Position));
    }

    [Fact]
    public void Expire_WaiterHasDecidedToLeave_LeavesTheAnswerToTheLeaver()
    {
        using var crowd = new Crowd(room: 1);
        _ = crowd.Sit("a");
        var ticket = crowd.Wait("a", TimeSpan.FromSeconds(1));
        Assert.True(ticket.Waiter!.TrySettle(WaiterState.Left));

        crowd.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.False(ticket.Completion.IsCompleted);
        Assert.Equal((0, 0), (crowd.Queue.Holdings.Linked, crowd.Queue.Holdings.Deadlines));
    }

    [Fact]
    public async Task Cancel_AtTheSameMomentAsTheRelease_GivesTheSeatToExactlyOne()
    {
        await using var queue = new AdmissionQueue(new AdmissionOptions { RoomCapacity = 1 });
        var lease = queue.TryAdmit("a").Lease!;
        for (var round = 0; round < 300; round++)
        {
            using var cancellation = new CancellationTokenSource();
            using var start = new Barrier(2);
            var contested = queue.AdmitAsync(new AdmissionRequest("a"), cancellation.Token).AsTask();
            var next = queue.AdmitAsync(new AdmissionRequest("a")).AsTask();
            var cancel = Task.Run(async () =>
            {
                start.SignalAndWait();
                await cancellation.CancelAsync();
            });
            await Task.Run(async () =>
            {
                start.SignalAndWait();
                await lease.DisposeAsync();
            });
            await cancel;

            var result = await contested;
            if (result.Lease is { } won)
            {
                Assert.False(next.IsCompleted);
                await won.DisposeAsync();
            }

            lease = (await next.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System)).Lease!;
            Assert.Equal((1, 0), (queue.GetSnapshot().Seats, queue.GetSnapshot().Waiting));
        }
    }

    /// <summary>A token may live as long as the application: what it still knows of a visitor that was admitted is never collected.</summary>
    [Fact]
    public async Task AdmitAsync_GrantedWhileTheTokenIsBeingRegistered_LeavesNothingWithTheToken()
    {
        await using var queue = new AdmissionQueue(new AdmissionOptions { RoomCapacity = 1 });
        using var lasting = new CancellationTokenSource();
        var visitors = new List<WeakReference>();
        for (var round = 0; round < 300; round++)
        {
            visitors.Add(await PassThroughAsync(queue, lasting.Token));
        }

        await Eventually.HoldsAsync(
            () =>
            {
                GC.Collect();
                return visitors.TrueForAll(visitor => !visitor.IsAlive);
            },
            "no visitor is kept alive");
        await lasting.CancelAsync();
    }

    [Fact]
    public void Leave_HeldTicket_KeepsNoOtherVisitorAlive()
    {
        using var crowd = new Crowd(room: 1);
        _ = crowd.Sit("a");
        var tickets = Enumerable.Range(0, 3).Select(_ => crowd.Wait("a")).ToArray();

        tickets[1].Waiter!.Leave();

        Assert.Null(tickets[1].Waiter!.Next);
        Assert.Null(tickets[1].Waiter!.Previous);
        Assert.Null(tickets[1].Waiter!.WheelNext);
        Assert.Null(tickets[1].Waiter!.WheelPrevious);
    }

    private static async Task<WeakReference> PassThroughAsync(AdmissionQueue queue, CancellationToken lasting)
    {
        using var start = new Barrier(2);
        var lease = queue.TryAdmit("a").Lease!;
        var release = Task.Run(
            async () =>
            {
                start.SignalAndWait(CancellationToken.None);
                await lease.DisposeAsync();
            },
            CancellationToken.None);
        start.SignalAndWait(CancellationToken.None);
        var data = new object();
        var result = await queue.AdmitAsync(new AdmissionRequest("a") { Data = data }, lasting);
        await release;
        await result.Lease!.DisposeAsync();
        return new WeakReference(data);
    }
}
