using ScaleKit.TestKit;

namespace ScaleKit.Sharding.Tests;

public sealed class ReplicasTests
{
    private const int Keys = 2_000;

    public static TheoryData<string> Kinds => ["ring", "slots"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ReplicasOf_AnyCount_AreDistinctOwnerFirstAndPrefixStable(string kind)
    {
        var topology = Make(kind, Some.Zoned(12, 3));
        for (var key = 0; key < Keys; key++)
        {
            var all = Replicas(topology, key, 12);
            Assert.Equal(12, all.Distinct().Count());
            Assert.Equal(topology.ShardOf(KeyHash.Of(key)).Id, all[0]);
            for (var k = 0; k < 12; k++)
            {
                Assert.Equal(all.Take(k), Replicas(topology, key, k));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ReplicasOf_ThreeZones_ThreeReplicasAreInThreeZones(string kind)
    {
        var topology = Make(kind, Some.Zoned(12, 3));
        var zones = topology.Shards.ToDictionary(s => s.Id, s => s.Zone);
        for (var key = 0; key < Keys; key++)
        {
            Assert.Equal(3, Replicas(topology, key, 3).Select(r => zones[r]).Distinct().Count());
            Assert.All(Replicas(topology, key, 6).GroupBy(r => zones[r]), zone => Assert.Equal(2, zone.Count()));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void ReplicasOf_RingLosesAnyShard_AtMostOneMemberIsLost(int k)
    {
        var shards = Some.Zoned(11, 3);
        var before = Make("ring", shards);
        foreach (var gone in shards)
        {
            var after = Make("ring", shards.Where(s => s != gone));
            AssertLost(before, after, k, 1);
            AssertLost(after, before, k, 1);
        }
    }

    /// <summary>Trap K3: if the stand-in were the owner's neighbour, one shard's failure would double the load of one other.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void ReplicasOf_OneOwnersKeys_StandInsAreSpread(string kind)
    {
        var topology = Make(kind, Some.Shards(10));
        var standIns = Enumerable.Range(0, 20_000).Select(k => Replicas(topology, k, 2)).Where(r => r[0] == "shard-3").CountBy(r => r[1]).ToList();

        Assert.Equal(9, standIns.Count);
        Assert.All(standIns, s => Assert.InRange(s.Value / (double)standIns.Sum(x => x.Value), 0.02, 0.30));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ReplicasOf_MoreWantedThanShards_AllShards(string kind) => Assert.Equal(3, Replicas(Make(kind, Some.Zoned(3, 2)), 1, 100).Length);

    [Fact]
    public void RouteReplicas_EveryKind_IsThatOfTheHashAndAllocatesNothing()
    {
        var router = new ShardRouter<int>(Make("slots", Some.Zoned(12, 3)));
        var expected = new Shard<int>[3];
        var actual = new Shard<int>[3];

        router.Topology.ReplicasOf(KeyHash.Of("user:42"), expected);
        Assert.Equal(3, router.RouteReplicas("user:42", actual));
        Assert.Equal(expected, actual);
        Assert.Equal(3, router.RouteReplicas("user:42".AsSpan(), actual));
        Assert.Equal(expected, actual);
        router.Topology.ReplicasOf(KeyHash.Of(42), expected);
        router.RouteReplicas(42, actual);
        Assert.Equal(expected, actual);
        router.Topology.ReplicasOf(KeyHash.Of(Guid.Empty), expected);
        router.RouteReplicas(Guid.Empty, actual);
        Assert.Equal(expected, actual);
        Assert.Equal(0, Allocated.By(() => router.RouteReplicas("user:42", actual)));
    }

    private static Topology<int> Make(string kind, IEnumerable<Shard<int>> shards) =>
        kind == "ring" ? RingTopology.Create(shards) : SlotTopology.Create(shards);

    private static string[] Replicas(Topology<int> topology, int key, int count)
    {
        var replicas = new Shard<int>[count];
        return [.. replicas.Take(topology.ReplicasOf(KeyHash.Of(key), replicas)).Select(r => r.Id)];
    }

    private static void AssertLost(Topology<int> before, Topology<int> after, int k, int bound)
    {
        for (var key = 0; key < 500; key++)
        {
            Assert.InRange(Replicas(before, key, k).Except(Replicas(after, key, k)).Count(), 0, bound);
        }
    }
}
