using ScaleKit.Admission;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Admission;

/// <summary>Redis goes away, comes back with or without what it knew, or another server takes over: who has a seat keeps it, and it is counted.</summary>
public sealed class AdmissionOutageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Server_Restarted_CountsWhatTheNodesHoldAndKeepsTheOrderOfTheLine(bool keepsData)
    {
        await using var server = await RedisServer.StartAsync(new RedisServerOptions { Persistent = keepsData });
        await using var a = new AdmissionNode(server.ConnectionString, total: 5);
        await using var b = new AdmissionNode(server.ConnectionString, total: 5);
        var leases = await FillAsync(a, b, 5);
        var first = await b.WaitAsync("x");
        var second = await a.WaitAsync("x");
        var third = await b.WaitAsync("x");

        await server.RestartAsync(keepsData);

        await Eventually.HoldsAsync(() => a.Queue.GetSnapshot() is { Seats: 5, Waiting: 3 } && b.Queue.GetSnapshot() is { Seats: 5, Waiting: 3 }, "all is known again", Patience);
        Assert.DoesNotContain(new[] { first, second, third }, ticket => ticket.Progress.IsAdmitted);
        Assert.DoesNotContain(leases, lease => lease.IsReleased || lease.LeaseLost.IsCancellationRequested);
        foreach (var ticket in new[] { first, second, third })
        {
            await leases[0].DisposeAsync();
            leases.RemoveAt(0);
            Assert.True((await ticket.Completion.WaitAsync(Patience)).IsAdmitted, ticket.Room);
        }
    }

    [Fact]
    public async Task Server_Silent_NodesAdmitTheirShareAndTheSumIsTheCap()
    {
        await using var server = await RedisServer.StartAsync();
        await using var a = new AdmissionNode(server.ConnectionString, room: 10, total: 10);
        await using var b = new AdmissionNode(server.ConnectionString, room: 10, total: 10);
        await FillAsync(a, b, 4);
        await Eventually.HoldsAsync(() => a.Queue.GetSnapshot().Seats == 4 && b.Queue.GetSnapshot().Seats == 4, "both know what is free");
        var (waitsA, waitsB) = (Enter(a), Enter(b));

        server.Pause();
        waitsA = Enter(a, 10);
        waitsB = Enter(b, 10);
        await Eventually.HoldsAsync(() => a.Queue.IsAway && b.Queue.IsAway, "both know that they are alone", Patience);

        await Eventually.HoldsAsync(() => waitsA.Count(t => t.IsCompleted) == 3 && waitsB.Count(t => t.IsCompleted) == 3, "each has admitted its share", Patience);
        Assert.Equal(AdmissionCap.Total, (await a.TryAsync("q")).BindingCap);
        await (await waitsA.First(t => t.IsCompleted)).Lease!.DisposeAsync();
        await Eventually.HoldsAsync(() => waitsA.Count(t => t.IsCompleted) == 4, "a seat goes to the next of the node");
        server.Resume();

        await Eventually.HoldsAsync(() => !a.Queue.IsAway && !b.Queue.IsAway && a.Queue.GetSnapshot() is { Seats: 10, Waiting: 13 }, "the sum is known", Patience);
        Assert.Equal(7, waitsA.Concat(waitsB).Count(t => t.IsCompleted));
    }

    [Fact]
    public async Task Server_Silent_RoomsAndActiveRoomsAreSharedToo()
    {
        await using var server = await RedisServer.StartAsync();
        await using var a = new AdmissionNode(server.ConnectionString, room: 4, rooms: 4, configure: o => o.RoomCapacities["big"] = 6);
        await using var b = new AdmissionNode(server.ConnectionString, room: 4, rooms: 4, configure: o => o.RoomCapacities["big"] = 6);
        await a.SitAsync("x");
        await b.SitAsync("y");
        await Eventually.HoldsAsync(() => a.Queue.GetSnapshot().ActiveRooms == 2, "it knows what is free");

        server.Pause();
        await Eventually.HoldsAsync(() => a.Queue.IsAway, "it knows that it is alone", Patience);
        for (var i = 0; i < 3; i++)
        {
            await a.SitAsync("big");
        }

        Assert.Equal(AdmissionCap.Room, a.Queue.TryAdmit("big").BindingCap);
        Assert.Equal(AdmissionCap.ActiveRooms, a.Queue.TryAdmit("z").BindingCap);
        await a.SitAsync("x");
        Assert.Equal(AdmissionCap.Room, a.Queue.TryAdmit("x").BindingCap);
        server.Resume();
    }

    [Theory]
    [InlineData(AdmissionFallback.Open, true)]
    [InlineData(AdmissionFallback.Closed, false)]
    [InlineData(AdmissionFallback.Local, false)]
    public async Task Server_NeverThere_DecidesAsToldAndAdmitsWhenItComes(AdmissionFallback mode, bool isAdmitted)
    {
        await using var server = RedisServer.Prepare();
        await using var node = new AdmissionNode(server.ConnectionString, configure: o => (o.WhenStoreIsAway, o.StorePatience) = (mode, TimeSpan.FromSeconds(0.1)));

        Assert.Equal(isAdmitted, (await node.TryAsync("x")).IsAdmitted);
        Assert.True(node.Queue.IsAway);

        await server.RestartAsync();
        await Eventually.HoldsAsync(
            async () =>
            {
                var lease = (await node.TryAsync("y")).Lease;
                await (lease?.DisposeAsync() ?? ValueTask.CompletedTask);
                return lease?.FencingNumber > 0;
            },
            "the store decides",
            Patience);
        Assert.False(node.Queue.IsAway);
    }

    [Fact]
    public async Task Server_ReplicaPromoted_CountsWhatTheNodesHold()
    {
        await using var pair = await RedisReplicaPair.StartAsync();
        await using var a = new AdmissionNode(pair.ConnectionString, total: 5);
        await using var b = new AdmissionNode(pair.ConnectionString, total: 5);
        var leases = await FillAsync(a, b, 5);
        var waiting = await b.WaitAsync("x");

        await pair.Primary.KillAsync();
        await pair.PromoteReplicaAsync(oldPrimaryFollows: false);

        await Eventually.HoldsAsync(
            () => !a.Queue.IsAway && !b.Queue.IsAway && a.Queue.GetSnapshot() is { Seats: 5, Waiting: 1 } && b.Queue.GetSnapshot() is { Seats: 5, Waiting: 1 }, "all is known", Patience);
        Assert.False(waiting.Progress.IsAdmitted);
        await leases[0].DisposeAsync();
        Assert.True((await waiting.Completion.WaitAsync(Patience)).IsAdmitted);
    }

    [Fact]
    public async Task Cluster_ThreeMasters_OneSlotServesAQueue()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var a = new AdmissionNode(cluster.ConnectionString, room: 1);
        await using var b = new AdmissionNode(cluster.ConnectionString, room: 1);
        var lease = await a.SitAsync("x");
        var waiting = await b.WaitAsync("x");
        var slot = await cluster.SlotOfAsync("scalekit:admission:{default}:head");
        await cluster.MoveSlotAsync(slot, cluster.Nodes.First(node => node != cluster.OwnerOf(slot)));

        await lease.DisposeAsync();

        Assert.True((await waiting.Completion.WaitAsync(Patience)).IsAdmitted);
        await Eventually.HoldsAsync(() => a.Queue.GetSnapshot() is { Seats: 1, Waiting: 0 }, "counted once");
    }

    [Fact]
    public async Task Words_AllLost_GrantsArriveWithTheNextBeat()
    {
        await using var server = await RedisServer.StartAsync();
        await using var a = new AdmissionNode(server.ConnectionString, room: 1);
        await using var deaf = new AdmissionNode(server.ConnectionString, room: 1, wrap: store => new LossyStore(store, isDeaf: true));
        for (var i = 0; i < 3; i++)
        {
            var lease = await a.SitAsync("x");
            var waiting = await deaf.WaitAsync("x");
            await lease.DisposeAsync();
            await (await waiting.Completion.WaitAsync(Patience)).Lease!.DisposeAsync();
        }
    }

    [Fact]
    public async Task Subscriber_CutWhileSeatsAreGivenBack_LosesNoGrant()
    {
        await using var server = await RedisServer.StartAsync();
        await using var a = new AdmissionNode(server.ConnectionString, room: 1);
        await using var b = new AdmissionNode(server.ConnectionString, room: 1);
        var lease = await a.SitAsync("x");
        for (var i = 0; i < 10; i++)
        {
            var waiting = await (i % 2 == 0 ? b : a).WaitAsync("x");
            await server.CommandAsync("CLIENT", "KILL", "TYPE", "pubsub");
            await lease.DisposeAsync();
            lease = (await waiting.Completion.WaitAsync(Patience)).Lease!;
        }
    }

    private static async Task<List<AdmissionLease>> FillAsync(AdmissionNode a, AdmissionNode b, int seats)
    {
        var leases = new List<AdmissionLease>();
        for (var i = 0; i < seats; i++)
        {
            leases.Add(await (i % 2 == 0 ? a : b).SitAsync("full"));
        }

        return leases;
    }

    private static Task<AdmissionResult>[] Enter(AdmissionNode node, int count = 0) =>
        [.. Enumerable.Range(0, count).Select(_ => node.Queue.AdmitAsync(new AdmissionRequest("q")).AsTask())];
}
