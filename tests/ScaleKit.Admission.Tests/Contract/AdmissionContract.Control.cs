using System.Collections.Concurrent;
using ScaleKit.TestKit;

namespace ScaleKit.Admission.Tests;

/// <summary>Who leaves, what is refused, and what changes while running.</summary>
public abstract partial class AdmissionContract
{
    [Fact]
    public async Task Enter_LineFull_IsRefusedAtOnce()
    {
        var (one, other) = Queues(room: 1, configure: options => (options.QueueCapacity, options.RoomQueueCapacity) = (3, 2));
        await SitAsync(one, "x");
        await SitAsync(other, "y");
        await WaitAsync(one, "x");
        await WaitAsync(other, "x");

        var roomFull = await DoneAsync(one.Enter(new AdmissionRequest("x")));
        Assert.Equal((AdmissionRefusal.RoomQueueFull, AdmissionCap.Room, 3), (roomFull.Refusal, roomFull.BindingCap, roomFull.Position));
        await WaitAsync(one, "y");
        var allFull = await DoneAsync(other.Enter(new AdmissionRequest("y")));

        Assert.Equal((AdmissionRefusal.QueueFull, AdmissionCap.Room, 2), (allFull.Refusal, allFull.BindingCap, allFull.Position));
        Assert.Equal(TimeSpan.FromSeconds(5), allFull.RetryAfter);
    }

    [Fact]
    public async Task Leave_ByTokenOrTicket_AnswersCancelledAndTheNextMovesUp()
    {
        var (one, other) = Queues(room: 1);
        var lease = await SitAsync(one, "x");
        using var cancellation = new CancellationTokenSource();
        var byToken = one.Enter(new AdmissionRequest("x"), cancellation.Token);
        await Eventually.HoldsAsync(() => byToken.Position == 1, "it stands in the line");
        var byTicket = await WaitAsync(other, "x");
        var stays = await WaitAsync(one, "x");

        await cancellation.CancelAsync();
        await byTicket.DisposeAsync();

        foreach (var gone in new[] { byToken, byTicket })
        {
            var result = await DoneAsync(gone);
            Assert.Equal((AdmissionRefusal.Cancelled, AdmissionCap.Room, (int?)null), (result.Refusal, result.BindingCap, gone.Position));
        }

        await Eventually.HoldsAsync(() => stays.Position == 1, "the next moves up");
        await lease.DisposeAsync();
        Assert.True((await DoneAsync(stays)).IsAdmitted);
        await Eventually.HoldsAsync(() => one.GetSnapshot() is { Waiting: 0, Seats: 1 } && other.GetSnapshot() is { Waiting: 0, Seats: 1 }, "nothing is left");
    }

    [Fact]
    public async Task Deadline_Passed_RefusesAndTheNextMovesUp()
    {
        var (one, other) = Queues(room: 1);
        var lease = await SitAsync(one, "x");
        var hasty = one.Enter(new AdmissionRequest("x") { Deadline = TimeSpan.FromMilliseconds(100) });
        var patient = await WaitAsync(other, "x");

        var result = await DoneAsync(hasty);

        Assert.Equal(AdmissionRefusal.DeadlineExceeded, result.Refusal);
        Assert.NotNull(result.RetryAfter);
        await Eventually.HoldsAsync(() => patient.Position == 1, "the next moves up");
        await lease.DisposeAsync();
        Assert.True((await DoneAsync(patient)).IsAdmitted);
    }

    [Fact]
    public async Task Lease_DisposedTwice_GivesOneSeatBack()
    {
        var (one, other) = Queues(room: 2);
        var lease = await SitAsync(one, "x");
        await SitAsync(one, "x");

        await lease.DisposeAsync();
        await lease.DisposeAsync();

        await SitAsync(other, "x");
        Assert.Equal(AdmissionCap.Room, (await RefusedAsync(other, "x")).Cap);
    }

    [Fact]
    public async Task Resize_Growth_AdmitsAtOnce()
    {
        var (one, other) = Queues(room: 1, rooms: 1, total: 2);
        await SitAsync(one, "x");
        var sameRoom = await WaitAsync(other, "x");
        var otherRoom = await WaitAsync(other, "y");

        one.Resize(roomCapacity: 2);
        Assert.True((await DoneAsync(sameRoom)).IsAdmitted);
        Assert.True(otherRoom.Progress.IsWaiting);

        one.Resize(activeRooms: 2, totalCapacity: 3);
        Assert.True((await DoneAsync(otherRoom)).IsAdmitted);
    }

    [Fact]
    public async Task Resize_Shrink_ThrowsNobodyOutAndAdmitsNobodyUntilUnder()
    {
        var (one, other) = Queues(total: 3);
        var leases = new[] { await SitAsync(one, "x"), await SitAsync(other, "x"), await SitAsync(one, "y") };

        one.Resize(totalCapacity: 1);
        var ticket = await WaitAsync(one, "x");

        Assert.DoesNotContain(leases, lease => lease.IsReleased);
        await leases[0].DisposeAsync();
        await leases[2].DisposeAsync();
        Assert.Equal(AdmissionCap.Total, (await RefusedAsync(one, "x")).Cap);
        Assert.True(ticket.Progress.IsWaiting);
        await leases[1].DisposeAsync();
        Assert.True((await DoneAsync(ticket)).IsAdmitted);
    }

    [Fact]
    public async Task Resize_RoomShrunkBelowItsSeats_KeepsItsWaitersWaiting()
    {
        var (one, other) = Queues(room: 3, total: 2);
        var leases = new[] { await SitAsync(one, "x"), await SitAsync(other, "x") };
        var ticket = await WaitAsync(one, "x");
        Assert.Equal(AdmissionCap.Total, ticket.BindingCap);

        one.Resize(roomCapacity: 1, totalCapacity: 10);

        await Eventually.HoldsAsync(() => ticket.BindingCap == AdmissionCap.Room, "the room binds");
        await leases[0].DisposeAsync();
        Assert.Equal(AdmissionCap.Room, (await RefusedAsync(one, "x")).Cap);
        await leases[1].DisposeAsync();
        Assert.True((await DoneAsync(ticket)).IsAdmitted);
    }

    [Fact]
    public async Task RoomCapacities_OneRoom_HasSeatsOfItsOwn()
    {
        var (one, other) = Queues(room: 2, configure: options => options.RoomCapacities["big"] = 4);
        for (var i = 0; i < 4; i++)
        {
            await SitAsync(i % 2 == 0 ? one : other, "big");
        }

        await SitAsync(one, "small");
        await SitAsync(other, "small");

        Assert.Equal(AdmissionCap.Room, (await RefusedAsync(other, "big")).Cap);
        Assert.Equal(AdmissionCap.Room, (await RefusedAsync(one, "small")).Cap);
    }

    [Fact]
    public async Task ResizeRoom_GrowthAndBack_AdmitsAtOnceAndTakesTheCommonCapAgain()
    {
        var (one, other) = Queues(room: 1);
        await SitAsync(one, "x");
        await SitAsync(other, "y");
        var inX = await WaitAsync(other, "x");
        var inY = await WaitAsync(other, "y");

        one.ResizeRoom("x", 2);
        var lease = (await DoneAsync(inX)).Lease!;
        Assert.True(inY.Progress.IsWaiting);
        Assert.Equal(AdmissionCap.Room, (await RefusedAsync(other, "x")).Cap);

        one.ResizeRoom("x", null);
        Assert.Equal(AdmissionCap.Room, (await RefusedAsync(one, "x")).Cap);
        await lease.DisposeAsync();
        Assert.Equal(AdmissionCap.Room, (await RefusedAsync(other, "x")).Cap);
    }

    [Fact]
    public async Task DrainAsync_VisitorsAndHolders_TellsTheOnesInOrderAndAwaitsTheOthers()
    {
        var (one, _) = Queues(room: 1);
        var lease = await SitAsync(one, "x");
        var line = new[] { await WaitAsync(one, "x"), await WaitAsync(one, "x") };

        var drained = one.DrainAsync("https://node-2.example");

        for (var i = 0; i < line.Length; i++)
        {
            var result = await DoneAsync(line[i]);
            Assert.Equal((AdmissionRefusal.Draining, i + 1, "https://node-2.example"), (result.Refusal, result.Position, result.RedirectHint));
        }

        Assert.Equal((AdmissionRefusal.Draining, "https://node-2.example"), (one.TryAdmit("y").Refusal, one.TryAdmit("y").RedirectHint));
        Assert.False(drained.IsCompleted);
        Assert.False(lease.LeaseLost.IsCancellationRequested);
        await lease.DisposeAsync();
        await drained.WaitAsync(Patience);
    }

    [Fact]
    public async Task RoomChanged_FirstAndLastVisitor_AreToldInOrder()
    {
        var (one, _) = Queues(room: 2, rooms: 1);
        var told = new ConcurrentQueue<(string Room, bool IsInUse)>();
        one.RoomChanged += (_, change) => told.Enqueue((change.Room, change.IsInUse));
        var first = await SitAsync(one, "x");
        var second = await SitAsync(one, "x");
        await first.DisposeAsync();
        var next = await WaitAsync(one, "y");
        Assert.Equal([("x", true)], told);

        await second.DisposeAsync();

        Assert.True((await DoneAsync(next)).IsAdmitted);
        await Eventually.HoldsAsync(() => told.Count == 3, "both are told");
        Assert.Equal([("x", true), ("x", false), ("y", true)], told);
    }

    [Fact]
    public async Task IsEnabled_OffAndOnAgain_AdmitsAllCountsThemAndHoldsTheCapsFromThere()
    {
        var (one, other) = Queues(room: 1);
        var lease = await SitAsync(one, "x");
        var waits = await WaitAsync(one, "x");

        one.IsEnabled = false;
        var leases = new[] { lease, (await DoneAsync(waits)).Lease!, await SitAsync(one, "x") };
        one.IsEnabled = true;

        await Eventually.HoldsAsync(() => one.GetSnapshot().Seats == 3 && other.GetSnapshot().Seats == 3, "all are counted");
        Assert.Equal(AdmissionCap.Room, (await RefusedAsync(other, "x")).Cap);
        foreach (var seat in leases)
        {
            await seat.DisposeAsync();
        }

        await Eventually.HoldsAsync(() => one.GetSnapshot().Seats == 0 && other.GetSnapshot().Seats == 0, "all are back, once");
        await SitAsync(one, "x");
        Assert.Equal(AdmissionCap.Room, (await RefusedAsync(one, "x")).Cap);
    }

    /// <summary>Names that something on the way might take for one another, or for an instruction.</summary>
    [Fact]
    public async Task AdmitAsync_HostileNames_AreEachARoomOfItsOwn()
    {
        string[] rooms =
        [
            "a", "A", "a ", " a", "a:b", "a::b", "{a}", "{a}b", "a*", "\u00e9", "e\u0301", "\ufffd", "\ud800\udc00", "\u202ea", "' OR 1=1", "\"", "\\", new string('x', 256),
            new string('x', 255),
        ];
        var (one, other) = Queues(room: 1);
        foreach (var room in rooms)
        {
            await SitAsync(one, room);
        }

        foreach (var room in rooms)
        {
            Assert.Equal(AdmissionCap.Room, (await RefusedAsync(other, room)).Cap);
        }

        await Eventually.HoldsAsync(() => other.GetSnapshot().ActiveRooms == rooms.Length, "each is a room");
    }

    [Fact]
    public void Enter_NameThatIsNoPlainText_IsRefusedByNameBeforeAnythingIsCounted()
    {
        var (one, _) = Queues();
        foreach (var name in new[] { "", "a\r\nFLUSHALL", "\0", "\ud800", new string('x', 257) })
        {
            Assert.Equal("room", Assert.ThrowsAny<ArgumentException>(() => one.Enter(new AdmissionRequest(name))).ParamName);
            Assert.Equal("clientId", Assert.ThrowsAny<ArgumentException>(() => one.Enter(new AdmissionRequest("x", name))).ParamName);
            Assert.Equal("room", Assert.ThrowsAny<ArgumentException>(() => one.TryAdmit(name)).ParamName);
        }

        Assert.Equal((0, 0), (one.GetSnapshot().Seats, one.GetSnapshot().Waiting));
    }

    [Fact]
    public async Task DisposeAsync_WithWaiters_RefusesThemAndGivesTheSeatsBack()
    {
        var (one, _) = Queues(room: 1);
        var lease = await SitAsync(one, "x");
        var ticket = await WaitAsync(one, "x");

        await one.DisposeAsync();

        Assert.Equal(AdmissionRefusal.Draining, (await DoneAsync(ticket)).Refusal);
        Assert.Equal(AdmissionRefusal.Draining, (await one.AdmitAsync(new AdmissionRequest("y"))).Refusal);
        await lease.DisposeAsync();
        Assert.Empty(one.GetSnapshot().Rooms);
    }
}
