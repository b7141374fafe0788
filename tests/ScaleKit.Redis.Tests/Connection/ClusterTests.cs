using System.Globalization;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Connection;

public sealed class ClusterTests
{
    private static readonly RedisScript Echo = RedisScript.Load("Connection", "Echo", typeof(ClusterTests).Assembly);

    [Fact]
    public async Task Cluster_ThreeMasters_ServeKeysScriptsAndMovedSlots()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var connection = await Connect.To(cluster.ConnectionString).ReadyAsync();

        for (var i = 0; i < 60; i++)
        {
            var tag = i.ToString(CultureInfo.InvariantCulture);
            await connection.SetAsync(tag, [(byte)i]);
            Assert.Equal($"{i:X2}", await connection.GetAsync(tag));
            Assert.Equal(1, await RunEchoAsync(connection, tag, 1));
        }

        foreach (var node in cluster.Nodes)
        {
            Assert.NotEqual("0", await node.CommandAsync("DBSIZE"));
        }

        // The new owner of the slot never heard of the script, and the client believes that the old one owns the slot.
        var slot = await cluster.SlotOfAsync("scalekit:test:{7}");
        var target = cluster.Nodes.First(node => node != cluster.OwnerOf(slot));
        await target.CommandAsync("SCRIPT", "FLUSH");
        await cluster.MoveSlotAsync(slot, target);

        Assert.Equal(2, await RunEchoAsync(connection, "7", 2));
        Assert.Equal("07", await connection.GetAsync("7"));
        Assert.Equal("1", await target.CommandAsync("SCRIPT", "EXISTS", Convert.ToHexStringLower(Echo.Hash)));
    }

    [Fact]
    public async Task Cluster_GetMany_ReadsKeysOfEveryMasterInTheirOrder()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var connection = await Connect.To(cluster.ConnectionString).ReadyAsync();
        var names = Enumerable.Range(0, 60).Select(i => connection.Names.Name("test", i.ToString(CultureInfo.InvariantCulture))).ToArray();
        for (var i = 0; i < names.Length; i += 2)
        {
            await connection.SetAsync(names[i], [(byte)i], expiry: null, CancellationToken.None);
        }

        var values = await connection.GetManyAsync(names, CancellationToken.None);

        Assert.Equal(names.Select((_, i) => i % 2 == 0 ? i : -1), values.Select(value => value?[0] ?? -1));
    }

    [Fact]
    public async Task Cluster_Subscription_HearsWhatAnyMasterPublishes()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var connection = Connect.To(cluster.ConnectionString);
        var listener = new RecordingListener();
        await using var subscription = connection.Subscribe(connection.Names.Name("test", "news"), listener);
        await Eventually.HoldsAsync(() => listener.Restorations > 0, "the subscription stands");

        foreach (var node in cluster.Nodes)
        {
            await node.CommandAsync("PUBLISH", "scalekit:test:{news}", node.EndPoint);
        }

        await Eventually.HoldsAsync(() => listener.Messages.Count() == 3, "a message of each master comes");
    }

    private static async Task<long> RunEchoAsync(RedisConnection connection, string tag, long number)
    {
        var name = connection.Names.Name("test", tag);
        var reply = await connection.RunAsync(Echo, [name, name], [number, "", ""], CancellationToken.None);
        return reply.ToItems()[1].ToInt64();
    }
}
