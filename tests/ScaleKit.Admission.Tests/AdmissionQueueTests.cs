namespace ScaleKit.Admission.Tests;

public sealed class AdmissionQueueTests
{
    [Fact]
    public void TryAdmit_RoomFull_NamesTheRoom()
    {
        using var crowd = new Crowd(room: 2);
        _ = crowd.Sit("a");
        _ = crowd.Sit("a");

        var result = crowd.Queue.TryAdmit("a");

        Assert.Equal((AdmissionRefusal.NoSeat, AdmissionCap.Room), (result.Refusal, result.BindingCap));
        Assert.Equal(TimeSpan.FromSeconds(5), result.RetryAfter);
        Assert.True(crowd.Queue.TryAdmit("b").IsAdmitted);
    }

    [Fact]
    public void TryAdmit_AllActiveRoomsInUse_NamesTheActiveRooms()
    {
        using var crowd = new Crowd(rooms: 2);
        _ = crowd.Sit("a");
        _ = crowd.Sit("b");

        var result = crowd.Queue.TryAdmit("c");

        Assert.Equal((AdmissionRefusal.NoSeat, AdmissionCap.ActiveRooms), (result.Refusal, result.BindingCap));
        Assert.True(crowd.Queue.TryAdmit("a").IsAdmitted);
    }

    [Fact]
    public void TryAdmit_TotalUsedUp_NamesTheTotal()
    {
        using var crowd = new Crowd(room: 2, rooms: 3, total: 3);
        _ = crowd.Sit("a");
        _ = crowd.Sit("a");
        _ = crowd.Sit("b");

        Assert.Equal(AdmissionCap.Total, crowd.Queue.TryAdmit("b").BindingCap);
        Assert.Equal(AdmissionCap.Total, crowd.Queue.TryAdmit("c").BindingCap);
        Assert.Equal(AdmissionCap.Room, crowd.Queue.TryAdmit("a").BindingCap);
    }

    [Fact]
    public async Task AdmitAsync_SeatFree_CompletesAtOnceWithWhatTheRequestCarried()
    {
        using var crowd = new Crowd();
        var data = new object();

        var pending = crowd.Queue.AdmitAsync(new AdmissionRequest("lobby", "ann") { Data = data });

        Assert.True(pending.IsCompletedSuccessfully);
        var lease = (await pending).Lease!;
        Assert.Equal(("lobby", "ann", data), (lease.Room, lease.ClientId, lease.Data));
    }

    [Fact]
    public void Enter_RefusedForAnUnknownRoom_LeavesNothingBehind()
    {
        using var crowd = new Crowd(rooms: 1, configure: options => options.QueueCapacity = 0);
        _ = crowd.Sit("a");

        for (var i = 0; i < 1000; i++)
        {
            Assert.False(crowd.Answer($"room{i}").IsAdmitted);
        }

        Assert.Equal((1, 0, 0), crowd.Queue.Holdings);
    }

    [Fact]
    public async Task AdmitAsync_TokenCancelledBefore_TakesNoSeat()
    {
        using var crowd = new Crowd();

        var result = await crowd.Queue.AdmitAsync(new AdmissionRequest("a"), new CancellationToken(canceled: true));

        Assert.Equal((AdmissionRefusal.Cancelled, 0), (result.Refusal, crowd.Queue.GetSnapshot().Seats));
    }

    [Fact]
    public void AdmitAsync_SameClientTwice_GetsTwoSeats()
    {
        using var crowd = new Crowd();
        _ = crowd.Sit("a", "ann");
        _ = crowd.Sit("a", "ann");

        Assert.Equal(2, crowd.Queue.GetSnapshot().Seats);
    }

    [Fact]
    public async Task Release_Handover_RunsNoContinuationInsideTheRelease()
    {
        using var crowd = new Crowd(room: 1);
        var lease = crowd.Sit("a");
        var ticket = crowd.Wait("a");
        using var released = new ManualResetEventSlim();
        var continuation = ticket.Completion.ContinueWith(
            // Inline, this would wait for the release that waits for it.
            _ => released.Wait(TimeSpan.FromSeconds(10)),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

        await Task.Run(async () => await lease.DisposeAsync());
        released.Set();

        Assert.True(await continuation, "The continuation ran inside the release.");
    }

    [Fact]
    public async Task Release_HandoverWithoutATicket_RunsNoContinuationInsideTheRelease()
    {
        using var crowd = new Crowd(room: 1);
        var lease = crowd.Sit("a");
        using var released = new ManualResetEventSlim();
        var visitor = VisitAsync();

        await Task.Run(async () => await lease.DisposeAsync());
        released.Set();

        Assert.True(await visitor, "The continuation ran inside the release.");

        async Task<bool> VisitAsync()
        {
            var result = await crowd.Queue.AdmitAsync(new AdmissionRequest("a")).ConfigureAwait(false);
            await using var seat = result.Lease;
            return released.Wait(TimeSpan.FromSeconds(10));
        }
    }

    [Fact]
    public async Task Dispose_WithWaiters_RefusesThemAndLeavesLeasesGood()
    {
        var crowd = new Crowd(room: 1);
        var lease = crowd.Sit("a");
        var ticket = crowd.Wait("a");

        await crowd.Queue.DisposeAsync();
        crowd.Queue.Dispose();

        Assert.Equal(AdmissionRefusal.Draining, Crowd.Done(ticket).Refusal);
        Assert.Equal(AdmissionRefusal.Draining, crowd.Queue.TryAdmit("b").Refusal);
        Assert.Null(crowd.Queue.TryAdmit("b").RetryAfter);
        await lease.DisposeAsync();
        Assert.Equal((0, 0, 0), (crowd.Queue.GetSnapshot().Seats, crowd.Queue.Holdings.Linked, crowd.Clock.ArmedTimers));
    }

    [Fact]
    public void GetSnapshot_MoreRoomsThanAskedFor_ListsSomeAndCountsTheRest()
    {
        using var crowd = new Crowd(room: 1);
        foreach (var room in new[] { "c", "a", "b" })
        {
            _ = crowd.Sit(room);
        }

        _ = crowd.Wait("b");

        var all = crowd.Queue.GetSnapshot();
        Assert.Equal([("a", 1, 0), ("b", 1, 1), ("c", 1, 0)], all.Rooms.Select(room => (room.Room, room.Seats, room.Waiting)));
        Assert.Equal((3, 3, 1, 1, 0), (all.Seats, all.ActiveRooms, all.Waiting, all.WaitingRooms, all.RoomsLeftOut));
        Assert.Equal((1, 100, 800, true), (all.RoomCapacity, all.ActiveRoomCapacity, all.TotalCapacity, all.IsEnabled));

        var some = crowd.Queue.GetSnapshot(maximumRooms: 2);
        Assert.Equal((2, 1), (some.Rooms.Count, some.RoomsLeftOut));
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => crowd.Queue.GetSnapshot(-1));
    }

    [Fact]
    public async Task AdmitAsync_NoWait_AllocatesTheLeaseOnly()
    {
        await using var queue = new AdmissionQueue();
        var request = new AdmissionRequest("lobby", "ann");
        var perOperation = long.MaxValue;

        // The first rounds pay for the JIT; a single clean one proves the point.
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1000; i++)
            {
                await (await queue.AdmitAsync(request)).Lease!.DisposeAsync();
            }

            perOperation = Math.Min(perOperation, (GC.GetAllocatedBytesForCurrentThread() - before) / 1000);
        }

        Assert.InRange(perOperation, 1, 64);
    }
}
