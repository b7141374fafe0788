namespace ScaleKit.Admission.Tests;

public sealed class AdmissionTicketTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Enter_SeatFree_IsCompleteAtOnce()
    {
        using var crowd = new Crowd();

        await using var ticket = crowd.Queue.Enter(new AdmissionRequest("a", "ann") { Data = 7 });

        Assert.True(ticket.Completion.IsCompletedSuccessfully);
        Assert.Equal(((int?)null, null, AdmissionCap.None), (ticket.Position, ticket.EstimatedWait, ticket.BindingCap));
        Assert.Equal(("a", "ann", 7), (ticket.Room, ticket.ClientId, ticket.Data));
        Assert.True(ticket.Progress.IsAdmitted);
    }

    [Fact]
    public async Task DisposeAsync_Waiting_LeavesTheLine()
    {
        using var crowd = new Crowd(room: 1);
        var lease = crowd.Sit("a");
        var first = crowd.Wait("a");
        var second = crowd.Wait("a");

        await first.DisposeAsync();
        await first.DisposeAsync();

        Assert.Equal(AdmissionRefusal.Cancelled, Crowd.Done(first).Refusal);
        Assert.Equal((1, (int?)null), (second.Position, first.Position));
        await lease.DisposeAsync();
        Assert.True(Crowd.Done(second).IsAdmitted);
    }

    [Fact]
    public async Task DisposeAsync_GrantedAndNeverAskedFor_GivesTheSeatBack()
    {
        using var crowd = new Crowd(room: 1);
        var lease = crowd.Sit("a");
        var ticket = crowd.Queue.Enter(new AdmissionRequest("a"));
        await lease.DisposeAsync();
        Assert.Equal(1, crowd.Queue.GetSnapshot().Seats);

        await ticket.DisposeAsync();

        Assert.Equal(0, crowd.Queue.GetSnapshot().Seats);
    }

    [Fact]
    public async Task DisposeAsync_GrantedAndAskedFor_LeavesTheLeaseToItsReader()
    {
        using var crowd = new Crowd();
        var ticket = crowd.Queue.Enter(new AdmissionRequest("a"));
        var lease = Crowd.Done(ticket).Lease!;

        await ticket.DisposeAsync();

        Assert.False(lease.IsReleased);
        Assert.Equal(1, crowd.Queue.GetSnapshot().Seats);
    }

    [Fact]
    public async Task RoomsAhead_WaitingForAnActiveRoom_CountsTheRoomsBefore()
    {
        using var crowd = new Crowd(rooms: 1);
        _ = crowd.Sit("a");
        var b = crowd.Wait("b");
        var c = crowd.Wait("c");
        var c2 = crowd.Wait("c");

        Assert.Equal((1, 0, AdmissionCap.ActiveRooms), (b.Progress.Position, b.Progress.RoomsAhead, b.Progress.BindingCap));
        Assert.Equal((1, 1), (c.Progress.Position, c.Progress.RoomsAhead));
        Assert.Equal((2, 1), (c2.Progress.Position, c2.Progress.RoomsAhead));
        await b.DisposeAsync();
        Assert.Equal(0, c.Progress.RoomsAhead);
    }

    [Fact]
    public async Task EstimatedWait_SteadyReleases_IsPositionOverRate()
    {
        using var crowd = new Crowd(room: 100, rooms: 1, total: 100);
        var leases = new Queue<AdmissionLease>(Enumerable.Range(0, 100).Select(_ => crowd.Sit("a")));
        var tickets = Enumerable.Range(0, 40).Select(_ => crowd.Wait("a", Timeout.InfiniteTimeSpan)).ToArray();
        Assert.Null(tickets[^1].EstimatedWait);

        // Two a second: the twentieth who still waits is admitted in ten.
        for (var second = 0; second < 10; second++)
        {
            crowd.Clock.Advance(TimeSpan.FromSeconds(1));
            await leases.Dequeue().DisposeAsync();
            await leases.Dequeue().DisposeAsync();
        }

        Assert.Equal(20, tickets[^1].Position);
        Assert.InRange(tickets[^1].EstimatedWait!.Value.TotalSeconds, 9, 12);
        Assert.InRange(tickets[20].EstimatedWait!.Value.TotalSeconds, 0.5, 1.5);
    }

    [Fact]
    public async Task EstimatedWait_RoomsInTurn_CountsTheVisitorsOfOtherRooms()
    {
        using var crowd = new Crowd(room: 100, rooms: 100, total: 60);
        var leases = new Queue<AdmissionLease>(Enumerable.Range(0, 60).Select(index => crowd.Sit($"{index % 10}")));
        var tickets = Enumerable.Range(0, 100).Select(index => crowd.Wait($"{index % 10}", Timeout.InfiniteTimeSpan)).ToArray();
        for (var second = 0; second < 20; second++)
        {
            crowd.Clock.Advance(TimeSpan.FromSeconds(1));
            await leases.Dequeue().DisposeAsync();
        }

        // Eight are left in each of ten rooms, one is admitted a second.
        Assert.Equal((8, AdmissionCap.Total), (tickets[^1].Position, tickets[^1].BindingCap));
        Assert.InRange(tickets[^1].EstimatedWait!.Value.TotalSeconds, 75, 85);
    }

    [Fact]
    public async Task WatchAsync_LineMoves_PushesChangesOncePerIntervalAndEndsWithTheAdmission()
    {
        using var crowd = new Crowd(room: 2);
        var leases = new[] { crowd.Sit("a"), crowd.Sit("a") };
        var tickets = Enumerable.Range(0, 4).Select(_ => crowd.Wait("a")).ToArray();
        await using var updates = tickets[3].WatchAsync().GetAsyncEnumerator();

        Assert.Equal(4, (await NextAsync(updates)).Position);
        var next = updates.MoveNextAsync();
        await tickets[0].DisposeAsync();
        await tickets[1].DisposeAsync();
        Assert.False(next.IsCompleted);
        crowd.Clock.Advance(Interval);
        Assert.True(await next);
        Assert.Equal((2, AdmissionCap.Room), (updates.Current.Position, updates.Current.BindingCap));

        next = updates.MoveNextAsync();
        crowd.Clock.Advance(Interval);
        Assert.False(next.IsCompleted, "Nothing has changed.");
        await leases[0].DisposeAsync();
        await leases[1].DisposeAsync();
        Assert.True(await next);
        Assert.Equal(((int?)null, true, false), (updates.Current.Position, updates.Current.IsAdmitted, updates.Current.IsWaiting));
        Assert.False(await updates.MoveNextAsync());
        Assert.Equal(1, crowd.Clock.ArmedTimers);
    }

    [Fact]
    public async Task WatchAsync_SlowReader_SeesTheNewestStateAndTheEnd()
    {
        using var crowd = new Crowd(room: 1);
        _ = crowd.Sit("a");
        var tickets = Enumerable.Range(0, 5).Select(_ => crowd.Wait("a", Timeout.InfiniteTimeSpan)).ToArray();
        await using var updates = tickets[4].WatchAsync().GetAsyncEnumerator();
        Assert.Equal(5, (await NextAsync(updates)).Position);

        foreach (var ticket in tickets[..3])
        {
            await ticket.DisposeAsync();
            crowd.Clock.Advance(Interval);
        }

        Assert.Equal(2, (await NextAsync(updates)).Position);
        await tickets[3].DisposeAsync();
        crowd.Clock.Advance(Interval);
        await tickets[4].DisposeAsync();
        Assert.Equal(AdmissionRefusal.Cancelled, (await NextAsync(updates)).Refusal);
        Assert.False(await updates.MoveNextAsync());
    }

    [Fact]
    public async Task WatchAsync_Cancelled_EndsTheWatchingNotTheWaiting()
    {
        using var crowd = new Crowd(room: 1);
        var lease = crowd.Sit("a");
        var ticket = crowd.Wait("a", Timeout.InfiniteTimeSpan);
        using var cancellation = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var progress in ticket.WatchAsync(cancellation.Token))
            {
                Assert.Equal(1, progress.Position);
                await cancellation.CancelAsync();
            }
        });

        Assert.Equal(0, crowd.Clock.ArmedTimers);
        await lease.DisposeAsync();
        Assert.True(Crowd.Done(ticket).IsAdmitted);
    }

    [Fact]
    public async Task WatchAsync_TwoWatchersOfOneTicket_BothSeeEverything()
    {
        using var crowd = new Crowd(room: 1);
        var lease = crowd.Sit("a");
        var ticket = crowd.Wait("a");
        await using var one = ticket.WatchAsync().GetAsyncEnumerator();
        await using var two = ticket.WatchAsync().GetAsyncEnumerator();
        Assert.Equal((await NextAsync(one)).Position, (await NextAsync(two)).Position);

        await lease.DisposeAsync();

        Assert.True((await NextAsync(one)).IsAdmitted);
        Assert.True((await NextAsync(two)).IsAdmitted);
    }

    [Fact]
    public async Task WatchAsync_AlreadyDecided_YieldsTheOutcome()
    {
        using var crowd = new Crowd(room: 1);
        var seated = crowd.Queue.Enter(new AdmissionRequest("a"));
        var left = crowd.Wait("a");
        await left.DisposeAsync();

        await using var ofSeated = seated.WatchAsync().GetAsyncEnumerator();
        await using var ofLeft = left.WatchAsync().GetAsyncEnumerator();

        Assert.True((await NextAsync(ofSeated)).IsAdmitted);
        Assert.Equal(AdmissionRefusal.Cancelled, (await NextAsync(ofLeft)).Refusal);
        Assert.False(await ofLeft.MoveNextAsync());
    }

    private static async Task<AdmissionProgress> NextAsync(IAsyncEnumerator<AdmissionProgress> updates)
    {
        Assert.True(await updates.MoveNextAsync());
        return updates.Current;
    }
}
