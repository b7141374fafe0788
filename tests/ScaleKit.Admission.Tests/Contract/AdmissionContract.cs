using ScaleKit.TestKit;

namespace ScaleKit.Admission.Tests;

/// <summary>
/// What a queue keeps, in one process and over several. A test class derives from it and opens two queues that share their seats, which may be the same one:
/// the rules must not tell the difference.
/// </summary>
public abstract partial class AdmissionContract : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly List<AdmissionLease> _held = [];
    private AdmissionQueue? _one;
    private AdmissionQueue? _other;

    /// <summary>Two queues that share their seats.</summary>
    protected abstract (AdmissionQueue One, AdmissionQueue Other) Open(AdmissionOptions options);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await (_one?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_other?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Fact]
    public async Task AdmitAsync_EachCap_HoldsAndIsNamed()
    {
        var (one, other) = Queues(room: 2, rooms: 2, total: 3);
        await SitAsync(one, "x");
        await SitAsync(other, "x");
        foreach (var queue in new[] { one, other })
        {
            Assert.Equal((AdmissionRefusal.NoSeat, AdmissionCap.Room), await RefusedAsync(queue, "x"));
        }

        await SitAsync(other, "y");
        foreach (var queue in new[] { one, other })
        {
            Assert.Equal((AdmissionRefusal.NoSeat, AdmissionCap.ActiveRooms), await RefusedAsync(queue, "z"));
            Assert.Equal((AdmissionRefusal.NoSeat, AdmissionCap.Total), await RefusedAsync(queue, "y"));
            Assert.Equal((AdmissionRefusal.NoSeat, AdmissionCap.Room), await RefusedAsync(queue, "x"));
        }

        await Eventually.HoldsAsync(() => one.GetSnapshot() is { Seats: 3, ActiveRooms: 2, Waiting: 0 } && other.GetSnapshot().Seats == 3, "both know the sums");
    }

    [Fact]
    public async Task AdmitAsync_SeatFree_CarriesWhatTheRequestCarried()
    {
        var (one, _) = Queues();
        var data = new object();

        var result = await one.AdmitAsync(new AdmissionRequest("lobby", "ann") { Data = data });

        Assert.Equal((AdmissionRefusal.None, AdmissionCap.None), (result.Refusal, result.BindingCap));
        Assert.Equal(("lobby", "ann", data), (result.Lease!.Room, result.Lease.ClientId, result.Lease.Data));
    }

    [Fact]
    public async Task Release_RoomFull_AdmitsTheNextAndTellsWhatItWaitedFor()
    {
        var (one, other) = Queues(room: 1);
        var lease = await SitAsync(one, "x");
        var ticket = await WaitAsync(other, "x");
        Assert.Equal((1, AdmissionCap.Room, true), (ticket.Position, ticket.BindingCap, ticket.Progress.IsWaiting));

        await lease.DisposeAsync();

        var result = await DoneAsync(ticket);
        Assert.Equal((true, AdmissionCap.Room, (int?)null), (result.IsAdmitted, result.BindingCap, ticket.Position));
    }

    [Fact]
    public async Task Release_OneRoom_ServesInOrderOfArrival()
    {
        var (one, other) = Queues(room: 1);
        var lease = await SitAsync(one, "x");
        var line = new List<AdmissionTicket>();
        for (var i = 0; i < 6; i++)
        {
            line.Add(await WaitAsync(i % 3 == 0 ? other : one, "x"));
        }

        Assert.Equal([1, 2, 3, 4, 5, 6], line.Select(ticket => ticket.Position));
        var fence = lease.FencingNumber;
        while (line.Count > 0)
        {
            await lease.DisposeAsync();
            lease = (await DoneAsync(line[0])).Lease!;
            line.RemoveAt(0);
            Assert.DoesNotContain(line, ticket => ticket.Progress.IsAdmitted);
            Assert.True(fence == 0 || lease.FencingNumber > fence, $"{lease.FencingNumber} comes after {fence}");
            fence = lease.FencingNumber;
        }
    }

    /// <summary>The interleaving that a single line gets wrong: the head waits for its full room while a seat elsewhere stays empty.</summary>
    [Fact]
    public async Task Release_AnotherRoomIsFull_IsNotHeldUp()
    {
        var (one, other) = Queues(room: 2, rooms: 10, total: 3);
        await SitAsync(one, "full");
        await SitAsync(other, "full");
        var lease = await SitAsync(one, "free");
        var blocked = await WaitAsync(one, "full");
        var free = await WaitAsync(other, "free");

        await lease.DisposeAsync();

        Assert.True((await DoneAsync(free)).IsAdmitted);
        Assert.True(blocked.Progress.IsWaiting);
    }

    [Fact]
    public async Task Release_TotalBinds_RoomsTakeTurns()
    {
        var (one, other) = Queues(total: 1);
        var lease = await SitAsync(one, "first");
        var line = new List<AdmissionTicket>();
        foreach (var room in new[] { "a", "a", "a", "a", "b", "b", "c" })
        {
            line.Add(await WaitAsync(line.Count % 2 == 0 ? one : other, room));
        }

        Assert.Equal(["a", "b", "c", "a", "b", "a", "a"], (await ServeAsync(lease, line)).Select(ticket => ticket.Room));
    }

    [Fact]
    public async Task Release_ActiveRoomsBind_SlotsGoToRoomsInOrderOfArrival()
    {
        var (one, other) = Queues(room: 2, rooms: 1);
        var first = await SitAsync(one, "a");
        var b1 = await WaitAsync(one, "b");
        var c = await WaitAsync(other, "c");
        var b2 = await WaitAsync(other, "b");
        var second = await SitAsync(other, "a");

        await first.DisposeAsync();
        Assert.Equal(AdmissionCap.ActiveRooms, (await RefusedAsync(other, "c")).Cap);
        Assert.True(b1.Progress.IsWaiting);
        await second.DisposeAsync();

        Assert.True((await DoneAsync(b1)).IsAdmitted);
        Assert.True((await DoneAsync(b2)).IsAdmitted);
        Assert.Equal((AdmissionCap.ActiveRooms, 1), (c.BindingCap, c.Position));
    }

    /// <summary>A room with waiters gives its slot on when it empties: otherwise one popular room keeps the others out for ever.</summary>
    [Fact]
    public async Task Release_LastSeatOfARoomWithWaiters_PassesTheSlotToTheRoomThatWaitedLongest()
    {
        var (one, other) = Queues(room: 1, rooms: 1);
        var lease = await SitAsync(one, "popular");
        var again = await WaitAsync(one, "popular");
        var next = await WaitAsync(other, "other");

        await lease.DisposeAsync();
        lease = (await DoneAsync(next)).Lease!;
        Assert.True(again.Progress.IsWaiting);

        await lease.DisposeAsync();
        Assert.True((await DoneAsync(again)).IsAdmitted);
    }

    /// <summary>The other side of it: as long as one visitor is left, the slot is the room's, and those who wait for it come in.</summary>
    [Fact]
    public async Task Release_RoomThatNeverEmpties_KeepsItsSlot()
    {
        var (one, other) = Queues(room: 2, rooms: 1);
        var lease = await SitAsync(one, "popular");
        await SitAsync(other, "popular");
        var waits = await WaitAsync(other, "other");
        for (var i = 0; i < 3; i++)
        {
            var next = await WaitAsync(i % 2 == 0 ? other : one, "popular");
            await lease.DisposeAsync();
            lease = (await DoneAsync(next)).Lease!;
            Assert.True(waits.Progress.IsWaiting);
        }
    }

    /// <summary>A room that waited for the total with a seat in use, and lost it meanwhile: the slot may be another's by then.</summary>
    [Fact]
    public async Task Release_RoomThatEmptiedWhileItWaited_NeedsASlotAgain()
    {
        var (one, other) = Queues(rooms: 2, total: 3);
        var emptied = await SitAsync(one, "emptied");
        var stays = new[] { await SitAsync(one, "stays"), await SitAsync(other, "stays") };
        var parked = await WaitAsync(other, "parked");
        var again = await WaitAsync(one, "emptied");

        await emptied.DisposeAsync();
        Assert.True((await DoneAsync(parked)).IsAdmitted);
        await stays[0].DisposeAsync();

        await Eventually.HoldsAsync(() => again.BindingCap == AdmissionCap.ActiveRooms, "both slots are others'");
        Assert.Equal(AdmissionCap.ActiveRooms, (await RefusedAsync(one, "z")).Cap);
        Assert.True(again.Progress.IsWaiting);
        await stays[1].DisposeAsync();
        Assert.True((await DoneAsync(again)).IsAdmitted);
    }

    [Fact]
    public async Task Release_HigherClass_GoesFirst()
    {
        var (one, other) = Queues(room: 1);
        var lease = await SitAsync(one, "x");
        var low = await WaitAsync(one, "x", AdmissionPriority.Low);
        var normal = await WaitAsync(one, "x");
        var high = await WaitAsync(other, "x", AdmissionPriority.High);
        await Eventually.HoldsAsync(() => (low.Position, normal.Position, high.Position) == (3, 2, 1), "the places are told");

        Assert.Equal([high, normal, low], await ServeAsync(lease, [low, normal, high]));
    }

    /// <summary>The bound: however many of a higher class come, after so many of them one of the lower classes is served, the one that waits longest.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Release_HigherClassKeepsComing_StarvesNobody(int burst)
    {
        var (one, other) = Queues(room: 1, configure: options => options.PriorityBurst = burst);
        var lease = await SitAsync(one, "x");
        var low = await WaitAsync(one, "x", AdmissionPriority.Low);
        var normal = await WaitAsync(other, "x");
        var line = new List<AdmissionTicket> { low, normal };
        for (var i = 0; i < 2 * burst; i++)
        {
            line.Add(await WaitAsync(i % 2 == 0 ? one : other, "x", AdmissionPriority.High));
        }

        var served = await ServeAsync(lease, line);

        Assert.Equal((burst, (2 * burst) + 1), (served.IndexOf(low), served.IndexOf(normal)));
    }

    private (AdmissionQueue One, AdmissionQueue Other) Queues(int room = 8, int rooms = 100, int total = 800, Action<AdmissionOptions>? configure = null)
    {
        var options = new AdmissionOptions { RoomCapacity = room, ActiveRooms = rooms, TotalCapacity = total };
        configure?.Invoke(options);
        var queues = Open(options);
        (_one, _other) = queues;
        return queues;
    }

    /// <summary>Takes a seat that must be there.</summary>
    private async Task<AdmissionLease> SitAsync(AdmissionQueue queue, string room)
    {
        var result = await queue.AdmitAsync(new AdmissionRequest(room));
        Assert.True(result.IsAdmitted, $"{room}: {result.Refusal}, {result.BindingCap}");
        _held.Add(result.Lease);
        return result.Lease;
    }

    /// <summary>Stands in the line: its place is known when this returns.</summary>
    private static async Task<AdmissionTicket> WaitAsync(AdmissionQueue queue, string room, AdmissionPriority priority = AdmissionPriority.Normal)
    {
        var ticket = queue.Enter(new AdmissionRequest(room) { Priority = priority, Deadline = Timeout.InfiniteTimeSpan });
        await Eventually.HoldsAsync(() => ticket.Position is not null, $"it stands in the line of {room}");
        return ticket;
    }

    private static Task<AdmissionResult> DoneAsync(AdmissionTicket ticket) => ticket.Completion.WaitAsync(Patience);

    private static async Task<(AdmissionRefusal Refusal, AdmissionCap Cap)> RefusedAsync(AdmissionQueue queue, string room)
    {
        var result = await queue.AdmitAsync(new AdmissionRequest(room) { Deadline = TimeSpan.Zero });
        return (result.Refusal, result.BindingCap);
    }

    /// <summary>Passes one seat from hand to hand; the order in which those in the line got it.</summary>
    private static async Task<List<AdmissionTicket>> ServeAsync(AdmissionLease lease, IEnumerable<AdmissionTicket> line)
    {
        var waiting = line.ToList();
        var served = new List<AdmissionTicket>();
        while (waiting.Count > 0)
        {
            await lease.DisposeAsync();
            var done = await Task.WhenAny(waiting.Select(ticket => ticket.Completion)).WaitAsync(Patience);
            served.Add(waiting.Single(ticket => ticket.Completion == done));
            waiting.Remove(served[^1]);
            lease = (await done).Lease!;
            Assert.DoesNotContain(waiting, ticket => ticket.Completion.IsCompleted);
        }

        return served;
    }
}
