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
    public async Task AdmitAsync_RoomFull_IsAdmittedWhenASeatIsReleasedAndTellsWhatItWaitedFor()
    {
        using var crowd = new Crowd(room: 1);
        var first = crowd.Sit("a");
        var pending = crowd.Queue.AdmitAsync(new AdmissionRequest("a", "bob"));
        Assert.False(pending.IsCompleted);

        await first.DisposeAsync();

        var result = await pending;
        Assert.Equal((true, AdmissionCap.Room, "bob"), (result.IsAdmitted, result.BindingCap, result.Lease?.ClientId));
    }

    [Fact]
    public async Task AdmitAsync_SameRoom_ServesInOrderOfArrival()
    {
        using var crowd = new Crowd(room: 1);
        var lease = crowd.Sit("a");
        var tickets = Enumerable.Range(0, 5).Select(_ => crowd.Wait("a")).ToArray();

        foreach (var ticket in tickets)
        {
            await lease.DisposeAsync();
            lease = Crowd.Done(ticket).Lease!;
            Assert.Equal(tickets.Skip(1 + Array.IndexOf(tickets, ticket)).Select((_, index) => index + 1), tickets.Select(t => t.Position).Where(p => p > 0));
        }
    }

    /// <summary>The interleaving that a single line gets wrong: the head waits for its full room while a seat elsewhere stays empty.</summary>
    [Fact]
    public async Task AdmitAsync_AnotherRoomIsFull_IsNotHeldUp()
    {
        using var crowd = new Crowd(room: 2, rooms: 10, total: 3);
        _ = crowd.Sit("full");
        _ = crowd.Sit("full");
        var other = crowd.Sit("other");
        var blocked = crowd.Wait("full");
        var free = crowd.Wait("other");

        await other.DisposeAsync();

        Assert.True(Crowd.Done(free).IsAdmitted);
        Assert.False(blocked.Completion.IsCompleted);
    }

    [Fact]
    public async Task AdmitAsync_TotalBinds_RoomsTakeTurns()
    {
        using var crowd = new Crowd(room: 10, rooms: 10, total: 3);
        var leases = new Queue<AdmissionLease>([crowd.Sit("x"), crowd.Sit("x"), crowd.Sit("x")]);
        var order = new List<string>();
        string[] arrivals = ["a", "a", "a", "a", "b", "b", "c"];
        var tickets = arrivals.Select(room => crowd.Wait(room)).ToList();

        while (tickets.Count > 0)
        {
            await leases.Dequeue().DisposeAsync();
            var next = Assert.Single(tickets, ticket => ticket.Completion.IsCompleted);
            tickets.Remove(next);
            order.Add(next.Room);
            leases.Enqueue(Crowd.Done(next).Lease!);
        }

        Assert.Equal(["a", "b", "c", "a", "b", "a", "a"], order);
    }

    [Fact]
    public async Task AdmitAsync_ActiveRoomsBind_SlotsGoToRoomsInOrderOfArrival()
    {
        using var crowd = new Crowd(room: 2, rooms: 1);
        var lease = crowd.Sit("a");
        var b1 = crowd.Wait("b");
        var c1 = crowd.Wait("c");
        var b2 = crowd.Wait("b");
        var inActiveRoom = crowd.Sit("a");

        await lease.DisposeAsync();
        Assert.False(b1.Completion.IsCompleted);
        await inActiveRoom.DisposeAsync();

        Assert.True(Crowd.Done(b1).IsAdmitted);
        Assert.True(Crowd.Done(b2).IsAdmitted);
        Assert.Equal((AdmissionCap.ActiveRooms, 1), (c1.BindingCap, c1.Position));
    }

    /// <summary>A room with waiters gives its slot on when it empties: otherwise one popular room keeps the others out for ever.</summary>
    [Fact]
    public async Task Release_LastSeatOfARoomWithWaiters_PassesTheSlotToTheRoomThatWaitedLongest()
    {
        using var crowd = new Crowd(room: 1, rooms: 1);
        var lease = crowd.Sit("popular");
        var again = crowd.Wait("popular");
        var other = crowd.Wait("other");

        await lease.DisposeAsync();
        var next = Crowd.Done(other).Lease!;
        Assert.False(again.Completion.IsCompleted);

        await next.DisposeAsync();
        Assert.True(Crowd.Done(again).IsAdmitted);
    }

    [Fact]
    public void Enter_LineFull_IsRefusedAtOnceWithARetryHint()
    {
        using var crowd = new Crowd(room: 1, configure: options => (options.QueueCapacity, options.RoomQueueCapacity) = (3, 2));
        _ = crowd.Sit("a");
        _ = crowd.Sit("b");
        _ = crowd.Wait("a");
        _ = crowd.Wait("a");

        var roomFull = crowd.Answer("a");
        _ = crowd.Wait("b");
        var allFull = crowd.Answer("b");

        Assert.Equal((AdmissionRefusal.RoomQueueFull, AdmissionCap.Room), (roomFull.Refusal, roomFull.BindingCap));
        Assert.Equal((AdmissionRefusal.QueueFull, AdmissionCap.Room), (allFull.Refusal, allFull.BindingCap));
        Assert.Equal(TimeSpan.FromSeconds(5), allFull.RetryAfter);
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
    public async Task AdmitAsync_TokenCancelled_AnswersCancelledAndTheNextMovesUp()
    {
        using var crowd = new Crowd(room: 1);
        using var cancellation = new CancellationTokenSource();
        var lease = crowd.Sit("a");
        var leaving = crowd.Queue.AdmitAsync(new AdmissionRequest("a"), cancellation.Token);
        var staying = crowd.Wait("a");
        Assert.Equal(2, staying.Position);

        await cancellation.CancelAsync();

        Assert.Equal(AdmissionRefusal.Cancelled, (await leaving).Refusal);
        Assert.Equal(1, staying.Position);
        await lease.DisposeAsync();
        Assert.True(Crowd.Done(staying).IsAdmitted);
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
