namespace ScaleKit.Sharding.Tests;

public sealed class RegionalShardRouterTests
{
    private static readonly RegionalShardRouter<string> Router = new([Region("us-west", 3), Region("eu", 2)]);

    [Fact]
    public void Route_UsersOfARegion_LiveOnItsShardsOnly()
    {
        for (var i = 0; i < 300; i++)
        {
            Assert.StartsWith("us-west-shard-", Router.Route("us-west", $"user:{i}").Id, StringComparison.Ordinal);
            Assert.StartsWith("eu-shard-", Router.Route("eu", i).Id, StringComparison.Ordinal);
            Assert.Same(Router["eu"].Route(Guid.Empty), Router.Route("eu", Guid.Empty));
        }
    }

    [Fact]
    public void Swap_OneRegion_LeavesTheOthers()
    {
        var router = new RegionalShardRouter<string>([Region("us-west", 3), Region("eu", 2)]);
        var eu = router["eu"].Topology;

        router["us-west"].Swap(SlotTopology.Create(RegionalShards.Create("us-west", 4, id => id), version: 2));

        Assert.Same(eu, router["eu"].Topology);
        Assert.Equal(4, router["us-west"].Topology.Shards.Count);
    }

    [Fact]
    public void Indexer_UnknownRegion_ThrowsNamesItAndTheKnownOnes()
    {
        var error = Assert.Throws<ArgumentException>(() => Router["mars\n"]);

        Assert.Contains("'mars\\u000A'", error.Message);
        Assert.Contains("eu, us-west", error.Message);
        Assert.False(Router.TryGetRouter("US-WEST", out _));
        Assert.Equal(["eu", "us-west"], Router.Regions);
    }

    [Fact]
    public void Constructor_MixedMissingOrDoubleRegions_Throws()
    {
        Assert.Throws<ArgumentException>(() => new RegionalShardRouter<string>([]));
        Assert.Throws<ArgumentException>(() => new RegionalShardRouter<string>([Region("eu", 1), Region("eu", 2)]));
        Assert.Throws<ArgumentException>(() => new RegionalShardRouter<int>([new ShardRouter<int>(Some.Slots(2))]));
        Assert.Throws<ArgumentException>(() => new RegionalShardRouter<string>(
            [new ShardRouter<string>(SlotTopology.Create([new Shard<string>("a", "", region: "eu"), new Shard<string>("b", "", region: "us")]))]));
    }

    [Fact]
    public void Create_NumbersShardsFromZero() =>
        Assert.Equal(["ap-shard-0", "ap-shard-1"], RegionalShards.Create("ap", 2, id => id).Select(s => s.Payload));

    [Fact]
    public void Create_BadArguments_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => RegionalShards.Create("eu", 0, id => id));
        Assert.Throws<ArgumentException>(() => RegionalShards.Create("", 1, id => id));
        Assert.Throws<ArgumentOutOfRangeException>(() => RegionalShards.IdOf("eu", -1));
    }

    private static ShardRouter<string> Region(string region, int count) => new(SlotTopology.Create(RegionalShards.Create(region, count, id => id)));
}
