using ScaleKit.TestKit;

namespace ChatRooms.Tests;

/// <summary>The same two nodes on what else Redis may be: nothing of the application changes.</summary>
public sealed class OtherServersTests
{
    [Fact]
    public async Task Nodes_OnAClusterOfThreeMasters_ShareSeatsAndMessages()
    {
        await using var redis = await RedisCluster.StartAsync();
        await using var fleet = await ChatFleet.StartAsync(redis.ConnectionString, nodes: 2);

        await ChatTogetherAsync(fleet, "keen-whale");
    }

    [Fact]
    public async Task Nodes_OnAReplicaPairUnderSentinel_GoOnAfterThePrimaryIsKilled()
    {
        await using var pair = await RedisReplicaPair.StartAsync();
        await using var sentinel = await RedisSentinel.StartAsync(pair);
        await using var fleet = await ChatFleet.StartAsync(sentinel.ConnectionString, nodes: 2);
        await ChatTogetherAsync(fleet, "keen-whale");

        await pair.Primary.KillAsync();
        await Eventually.HoldsAsync(async () => await sentinel.PrimaryPortAsync() == pair.Replica.Port, "the Sentinel has promoted the replica");

        // Before that a node may decide alone, within its share: the other does not know of such a seat yet.
        foreach (var node in fleet.Nodes)
            await node.IsReadyAsync();
        await ChatTogetherAsync(fleet, "quiet-panda");
    }

    /// <summary>Two people on two nodes fill a room, hear each other, and the third waits until one leaves.</summary>
    private static async Task ChatTogetherAsync(ChatFleet fleet, string room)
    {
        var heard = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var ada = await fleet.JoinAsync(fleet.Nodes[0], room);
        await ada.ExpectAsync("admitted");
        await using var bob = await fleet.JoinAsync(fleet.Nodes[1], room, message => heard.TrySetResult(message.Text));
        await bob.ExpectAsync("admitted");
        await using var eve = await fleet.JoinAsync(fleet.Nodes[1], room);
        await eve.ExpectAsync("waiting");

        await ada.SendAsync(new ClientFrame("post", Ref: "1", Text: "Is it raining where you are?"), CancellationToken.None);
        await ada.ExpectAsync("ack");
        Assert.Equal("Is it raining where you are?", await heard.Task.WaitAsync(TimeSpan.FromSeconds(30)));

        await ada.SendAsync(new ClientFrame("leave"), CancellationToken.None);
        await eve.ExpectAsync("admitted");
    }
}
