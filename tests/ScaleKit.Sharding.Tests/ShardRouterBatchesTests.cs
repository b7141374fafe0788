namespace ScaleKit.Sharding.Tests;

public sealed class ShardRouterBatchesTests
{
    private static readonly ShardRouter<int> Router = new(Some.Slots(7));

    [Fact]
    public void GroupByShard_Strings_EachIsInItsOwnersBatchInTheGivenOrder()
    {
        var keys = Enumerable.Range(0, 500).Select(i => $"user:{i}").ToArray();

        var batches = Router.GroupByShard(keys);

        Assert.Equal(Router.Topology.Shards, batches.Select(b => b.Shard));
        Assert.Equal(keys.Order(StringComparer.Ordinal), batches.SelectMany(b => b.Items).Order(StringComparer.Ordinal));
        Assert.All(batches, b => Assert.Equal(keys.Where(k => Router.Route(k) == b.Shard), b.Items));
    }

    [Fact]
    public void GroupByShard_LongsGuidsAndItems_AgreeWithRoute()
    {
        Assert.All(Router.GroupByShard([1L, 2L, 3L]), b => Assert.All(b.Items, k => Assert.Same(b.Shard, Router.Route(k))));
        Assert.All(Router.GroupByShard([Guid.Empty, Guid.AllBitsSet]), b => Assert.All(b.Items, k => Assert.Same(b.Shard, Router.Route(k))));
        Assert.All(
            Router.GroupByShard(new[] { (Id: 1, Text: "a"), (Id: 2, Text: "b") }, item => KeyHash.Of(item.Id)),
            b => Assert.All(b.Items, item => Assert.Same(b.Shard, Router.Route(item.Id))));
    }

    [Fact]
    public void GroupByShard_NoKeys_NoBatches() => Assert.Empty(Router.GroupByShard(Array.Empty<string>()));

    [Fact]
    public void GroupByShard_BadKey_Throws()
    {
        Assert.Throws<ArgumentNullException>(() => Router.GroupByShard((IEnumerable<string>)null!));
        Assert.Throws<ArgumentNullException>(() => Router.GroupByShard(["a", null!]));
        Assert.Throws<ArgumentException>(() => Router.GroupByShard([new string('x', 5_000)]));
    }
}
