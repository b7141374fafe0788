using ScaleKit.Admission;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Admission;

/// <summary>Two nodes on one server: the rules of one queue hold over both.</summary>
public sealed class SharedAdmissionTests(SharedAdmissionTests.Server server) : IClassFixture<SharedAdmissionTests.Server>
{
    private string Name { get; } = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task AdmitAsync_EachCap_HoldsOverBothNodesAndIsNamed()
    {
        await using var a = Node(room: 2, rooms: 2, total: 3);
        await using var b = Node(room: 2, rooms: 2, total: 3);
        await a.SitAsync("x");
        await b.SitAsync("x");
        Assert.Equal((AdmissionRefusal.NoSeat, AdmissionCap.Room), await RefusedAsync(a, "x"));
        Assert.Equal((AdmissionRefusal.NoSeat, AdmissionCap.Room), await RefusedAsync(b, "x"));
        await b.SitAsync("y");
        Assert.Equal(AdmissionCap.ActiveRooms, (await RefusedAsync(a, "z")).Cap);
        Assert.Equal(AdmissionCap.Total, (await RefusedAsync(a, "y")).Cap);
        Assert.Equal(3, a.Queue.GetSnapshot().Seats);
    }

    [Fact]
    public async Task Release_VisitorsOfTwoNodesWait_AreServedInOrderOfArrival()
    {
        await using var a = Node(room: 1);
        await using var b = Node(room: 1);
        var lease = await a.SitAsync("x");
        var waiting = new List<AdmissionTicket>();
        for (var i = 0; i < 6; i++)
        {
            waiting.Add(await (i % 2 == 0 ? b : a).WaitAsync("x"));
        }

        Assert.Equal([1, 2, 3, 4, 5, 6], waiting.Select(ticket => ticket.Position));
        var fence = lease.FencingNumber;
        foreach (var ticket in waiting)
        {
            Assert.DoesNotContain(waiting.SkipWhile(t => t != ticket).Skip(1), t => t.Progress.IsAdmitted);
            await lease.DisposeAsync();
            lease = (await ticket.Completion.WaitAsync(TimeSpan.FromSeconds(30))).Lease!;
            Assert.True(lease.FencingNumber > fence);
            fence = lease.FencingNumber;
        }
    }

    [Fact]
    public async Task Release_TotalBinds_RoomsOfTwoNodesTakeTurns()
    {
        await using var a = Node(total: 1);
        await using var b = Node(total: 1);
        var lease = await a.SitAsync("first");
        var tickets = new[] { await a.WaitAsync("x"), await a.WaitAsync("x"), await b.WaitAsync("y"), await b.WaitAsync("y") };
        var order = new List<string>();
        for (var i = 0; i < tickets.Length; i++)
        {
            await lease.DisposeAsync();
            var done = await Task.WhenAny(tickets.Where(t => !order.Contains(t.Room + Array.IndexOf(tickets, t))).Select(t => t.Completion)).WaitAsync(TimeSpan.FromSeconds(30));
            lease = (await done).Lease!;
            order.Add(lease.Room + Array.FindIndex(tickets, t => t.Completion == done));
        }

        Assert.Equal(["x0", "y2", "x1", "y3"], order);
    }

    [Fact]
    public async Task Release_HigherClassOnAnotherNode_GoesFirst()
    {
        await using var a = Node(room: 1);
        await using var b = Node(room: 1);
        var lease = await a.SitAsync("x");
        var low = await a.WaitAsync("x", AdmissionPriority.Low);
        var high = await b.WaitAsync("x", AdmissionPriority.High);
        Assert.Equal(1, high.Position);
        await Eventually.HoldsAsync(() => low.Position == 2, "the place is told");

        await lease.DisposeAsync();

        lease = (await high.Completion.WaitAsync(TimeSpan.FromSeconds(30))).Lease!;
        Assert.False(low.Progress.IsAdmitted);
        await lease.DisposeAsync();
        Assert.True((await low.Completion.WaitAsync(TimeSpan.FromSeconds(30))).IsAdmitted);
    }

    [Fact]
    public async Task Leave_OneThatWaits_LeavesTheLineOfTheStore()
    {
        await using var a = Node(room: 1);
        await using var b = Node(room: 1);
        var lease = await a.SitAsync("x");
        var leaving = await a.WaitAsync("x");
        var staying = await b.WaitAsync("x");

        await leaving.DisposeAsync();

        Assert.Equal(AdmissionRefusal.Cancelled, (await leaving.Completion).Refusal);
        await Eventually.HoldsAsync(() => staying.Position == 1, "the next moves up");
        await lease.DisposeAsync();
        Assert.True((await staying.Completion.WaitAsync(TimeSpan.FromSeconds(30))).IsAdmitted);
        await Eventually.HoldsAsync(() => b.Queue.GetSnapshot() is { Waiting: 0, Seats: 1 }, "nothing is left");
    }

    [Fact]
    public async Task AdmitAsync_LineIsFull_RefusesAtOnceOverBothNodes()
    {
        await using var a = Node(room: 1, configure: o => (o.QueueCapacity, o.RoomQueueCapacity) = (2, 1));
        await using var b = Node(room: 1, configure: o => (o.QueueCapacity, o.RoomQueueCapacity) = (2, 1));
        await a.SitAsync("x");
        await a.SitAsync("y");
        await a.SitAsync("z");
        await using var one = await a.WaitAsync("x");
        Assert.Equal(AdmissionRefusal.RoomQueueFull, (await b.Queue.AdmitAsync(new AdmissionRequest("x"))).Refusal);
        await using var two = await b.WaitAsync("y");
        Assert.Equal(AdmissionRefusal.QueueFull, (await a.Queue.AdmitAsync(new AdmissionRequest("z"))).Refusal);
    }

    [Fact]
    public async Task Resize_OnOneNode_HoldsForBoth()
    {
        await using var a = Node(room: 1);
        await using var b = Node(room: 1);
        await a.SitAsync("x");
        var ticket = await b.WaitAsync("x");

        a.Queue.Resize(roomCapacity: 2);

        Assert.True((await ticket.Completion.WaitAsync(TimeSpan.FromSeconds(30))).IsAdmitted);
        Assert.Equal(AdmissionCap.Room, (await RefusedAsync(b, "x")).Cap);
    }

    [Fact]
    public async Task IsEnabled_OffAndOnAgain_TellsTheOthersWhatTheNodeHolds()
    {
        await using var a = Node(room: 2);
        await using var b = Node(room: 2);
        await a.SitAsync("x");
        a.Queue.IsEnabled = false;
        await a.SitAsync("x");
        await a.SitAsync("x");
        Assert.Equal(0, a.Held[^1].FencingNumber);

        a.Queue.IsEnabled = true;

        await Eventually.HoldsAsync(() => b.Queue.GetSnapshot().Seats == 3, "the others know");
        Assert.Equal(AdmissionCap.Room, (await RefusedAsync(b, "x")).Cap);
        foreach (var lease in a.Held)
        {
            await lease.DisposeAsync();
        }

        await b.SitAsync("x");
        await Eventually.HoldsAsync(() => a.Queue.GetSnapshot().Seats == 1, "all are counted once");
    }

    [Fact]
    public async Task Dispose_NodeThatHoldsSeats_GivesThemToTheNextAtOnce()
    {
        await using var b = Node(room: 1);
        AdmissionTicket ticket;
        await using (var a = Node(room: 1))
        {
            await a.SitAsync("x");
            ticket = await b.WaitAsync("x");
        }

        Assert.True((await ticket.Completion.WaitAsync(TimeSpan.FromSeconds(30))).IsAdmitted);
    }

    [Fact]
    public async Task DrainAsync_OneNode_TellsItsWaitersAndLeavesTheOthersInOrder()
    {
        await using var a = Node(room: 1);
        await using var b = Node(room: 1);
        var lease = await b.SitAsync("x");
        var drained = await a.WaitAsync("x");
        var staying = await b.WaitAsync("x");

        var end = a.Queue.DrainAsync("https://b.example");

        var result = await drained.Completion.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((AdmissionRefusal.Draining, "https://b.example", 1), (result.Refusal, result.RedirectHint, result.Position));
        await end.WaitAsync(TimeSpan.FromSeconds(30));
        await lease.DisposeAsync();
        Assert.True((await staying.Completion.WaitAsync(TimeSpan.FromSeconds(30))).IsAdmitted);
    }

    [Fact]
    public async Task MaximumHold_Passed_GivesTheSeatToAnotherNode()
    {
        await using var a = Node(room: 1, configure: o => o.MaximumHold = TimeSpan.FromSeconds(1));
        await using var b = Node(room: 1);
        var lease = await a.SitAsync("x");
        var ticket = await b.WaitAsync("x");

        Assert.True((await ticket.Completion.WaitAsync(TimeSpan.FromSeconds(30))).IsAdmitted);
        Assert.True(lease.IsReleased);
    }

    [Fact]
    public void TryAdmit_SeatsAreShared_SaysWhatToDo()
    {
        using var connection = Connect.To("localhost:1");
        using var queue = new AdmissionQueue(store: new RedisSeatStore(connection));
        Assert.Contains("AdmitAsync", Assert.Throws<InvalidOperationException>(() => queue.TryAdmit("x")).Message, StringComparison.Ordinal);
    }

    private static async Task<(AdmissionRefusal Refusal, AdmissionCap Cap)> RefusedAsync(AdmissionNode node, string room)
    {
        var result = await node.TryAsync(room);
        return (result.Refusal, result.BindingCap);
    }

    private AdmissionNode Node(int room = 8, int rooms = 100, int total = 800, Action<AdmissionOptions>? configure = null) =>
        new(server.ConnectionString, room, rooms, total, Name, configure);

    public sealed class Server : IAsyncLifetime
    {
        private RedisServer? _server;

        public string ConnectionString => _server!.ConnectionString;

        public async Task InitializeAsync() => _server = await RedisServer.StartAsync();

        public async Task DisposeAsync() => await _server!.DisposeAsync();
    }
}
