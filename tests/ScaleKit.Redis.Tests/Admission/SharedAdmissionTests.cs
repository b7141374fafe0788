using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using ScaleKit.Admission;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Admission;

/// <summary>Two nodes on one server: the rules of one queue hold over both.</summary>
public sealed class SharedAdmissionTests(SeatServer server) : IClassFixture<SeatServer>
{
    private string Name { get; } = server.TakeQueue();

    /// <summary>The lease of the node that goes is far longer than the test.</summary>
    [Fact]
    public async Task Dispose_NodeThatHoldsSeats_GivesThemToTheNextAtOnce()
    {
        await using var b = Node(room: 1);
        AdmissionTicket ticket;
        await using (var a = Node(room: 1, configure: o => o.StoreLease = TimeSpan.FromMinutes(10)))
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
        var ticket = b.Queue.Enter(new AdmissionRequest("x") { Deadline = TimeSpan.FromMinutes(5) });

        Assert.True((await ticket.Completion.WaitAsync(TimeSpan.FromSeconds(30))).IsAdmitted);
        Assert.True(lease.IsReleased);
    }

    [Fact]
    public async Task AddScaleKitRedis_TwoApplications_ShareTheSeatsOfTheirQueues()
    {
        var prefix = Guid.NewGuid().ToString("N");
        await using var a = Application(prefix);
        await using var b = Application(prefix);
        var lease = (await a.GetRequiredService<AdmissionQueue>().AdmitAsync(new AdmissionRequest("x"))).Lease!;
        var other = b.GetRequiredService<AdmissionQueue>();
        Assert.Equal(AdmissionCap.Total, (await other.AdmitAsync(new AdmissionRequest("y") { Deadline = TimeSpan.Zero })).BindingCap);
        await lease.DisposeAsync();
        Assert.True((await other.AdmitAsync(new AdmissionRequest("y"))).IsAdmitted);
    }

    [Fact]
    public void Constructor_RulesThatNoStoreKnows_AreRefused()
    {
        using var connection = Connect.To("localhost:1");
        var store = new RedisSeatStore(connection);
        AdmissionOptions[] all =
        [
            new() { Discipline = AdmissionDiscipline.AdaptiveLifo }, new() { RoomWeights = { ["x"] = 2 } }, new() { SameClient = AdmissionSameClient.Reject },
            new() { SameClient = AdmissionSameClient.Replace },
        ];
        foreach (var options in all)
        {
            Assert.Equal("options", Assert.Throws<ArgumentException>(() => new AdmissionQueue(options, store: store)).ParamName);
            using var queue = new AdmissionQueue(store: store);
            Assert.Equal("options", Assert.Throws<ArgumentException>(() => queue.Update(options)).ParamName);
        }
    }

    [Fact]
    public async Task TryAdmit_StoreDecides_IsUndecidedAndTakesNothing()
    {
        await using var a = Node();

        Assert.Equal((AdmissionRefusal.Undecided, AdmissionCap.None), (a.Queue.TryAdmit("x").Refusal, a.Queue.TryAdmit("x").BindingCap));

        await a.SitAsync("x");
        Assert.Equal(1, a.Queue.GetSnapshot().Seats);
        a.Queue.IsEnabled = false;
        await using var lease = a.Queue.TryAdmit("x").Lease;
        Assert.NotNull(lease);
    }

    [Fact]
    public async Task Position_StoreHasNotAnswered_IsNotGuessed()
    {
        await using var first = Node(room: 1);
        await first.SitAsync("x");
        var answers = new TaskCompletionSource();
        await using var node = new AdmissionNode(
            server.ConnectionString, room: 1, queue: Name, wrap: store => new LossyStore(store) { Answering = _ => answers.Task });
        var ticket = node.Queue.Enter(new AdmissionRequest("x", "ann"));
        var leaving = node.Queue.Enter(new AdmissionRequest("x"));

        Assert.Equal((true, (int?)null, AdmissionCap.None, false), (ticket.Progress.IsWaiting, ticket.Position, ticket.BindingCap, ticket.Progress.IsAdmitted));
        await leaving.DisposeAsync();
        var left = await leaving.Completion;
        Assert.Equal((AdmissionRefusal.Cancelled, (int?)null), (left.Refusal, left.Position));

        answers.SetResult();
        await Eventually.HoldsAsync(() => ticket.Position == 1, "the store has told the place");
        Assert.Null(ticket.CreateResumeToken());
    }

    /// <summary>The clock of the node stands still, so it never asks by itself.</summary>
    [Fact]
    public async Task Release_SeatOfAnotherNode_IsPushedToTheOneThatWaits()
    {
        await using var a = Node(room: 1);
        var lease = await a.SitAsync("x");
        var options = new AdmissionOptions { RoomCapacity = 1, StoreLease = TimeSpan.FromMinutes(10) };
        await using var still = new AdmissionQueue(options, new ManualTimeProvider(), store: new RedisSeatStore(server.Connection, Name));
        var ticket = still.Enter(new AdmissionRequest("x"));
        await Eventually.HoldsAsync(() => ticket.Position == 1, "it stands in the line");

        await lease.DisposeAsync();

        Assert.True((await ticket.Completion.WaitAsync(TimeSpan.FromSeconds(30))).IsAdmitted);
    }

    [Fact]
    public async Task Saturation_SeatsOfAllNodes_AreCounted()
    {
        await using var a = Node(total: 10);
        await using var b = Node(total: 10);
        var told = new ConcurrentQueue<(AdmissionCap, bool)>();
        a.Queue.Saturation += (_, change) => told.Enqueue((change.Cap, change.IsSaturated));
        for (var i = 0; i < 8; i++)
        {
            await (i == 0 ? a : b).SitAsync($"{i}");
        }

        await Eventually.HoldsAsync(() => told.Contains((AdmissionCap.Total, true)), "the total is nearly used up");
        await b.Held[0].DisposeAsync();
        await Eventually.HoldsAsync(() => told.Contains((AdmissionCap.Total, false)), "and no longer");
    }

    private ServiceProvider Application(string prefix) => new ServiceCollection()
        .AddAdmissionQueue(options => (options.TotalCapacity, options.StoreLease) = (1, AdmissionNode.Lease))
        .AddScaleKitRedis(server.ConnectionString, options => options.KeyPrefix = prefix)
        .BuildServiceProvider();

    private AdmissionNode Node(int room = 8, int rooms = 100, int total = 800, Action<AdmissionOptions>? configure = null) =>
        new(server.ConnectionString, room, rooms, total, Name, configure);
}
