using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.TestKit;

public sealed class RedisClusterTests
{
    [Fact]
    public async Task MoveSlotAsync_SlotWithKeys_IsServedByTheNewOwnerOnly()
    {
        await using var cluster = await RedisCluster.StartAsync();
        var slot = await cluster.SlotOfAsync("{room}:1");
        var source = cluster.OwnerOf(slot);
        var target = cluster.Nodes.First(node => node != source);
        await source.CommandAsync("SET", "{room}:1", "a");
        await source.CommandAsync("SET", "{room}:2", "b");

        await cluster.MoveSlotAsync(slot, target);

        Assert.Same(target, cluster.OwnerOf(slot));
        Assert.Equal("a", await target.CommandAsync("GET", "{room}:1"));
        Assert.Equal("b", await target.CommandAsync("GET", "{room}:2"));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => source.CommandAsync("GET", "{room}:1"));
        Assert.Contains("MOVED", error.Message, StringComparison.Ordinal);
    }
}
