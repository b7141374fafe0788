using FsCheck;
using FsCheck.Fluent;
using ScaleKit.TestKit;

namespace ScaleKit.Sharding.Tests;

public sealed class RingTopologyTests
{
    [Fact]
    public void ShardOf_MillionKeys_EqualsBinarySearchOverTheSamePoints()
    {
        var topology = RingTopology.Create(Some.Shards(1000));
        var points = Enumerable.Range(0, topology.PointCount).Select(topology.Ring.PointAt).ToArray();
        for (var i = 0; i < 1_000_000; i++)
        {
            var hash = KeyHash.Of(i);
            var found = Array.BinarySearch(points, hash);
            var position = (found >= 0 ? found : ~found) % points.Length;
            if (topology.ShardOf(hash).Id != topology.Shards[topology.Ring.OwnerAt(position)].Id)
            {
                Assert.Fail($"Key {i} differs.");
            }
        }
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(ulong.MaxValue)]
    public void ShardOf_HashAtTheRingsEnds_IsTheFirstPointsOwner(ulong hash)
    {
        var topology = RingTopology.Create(Some.Shards(5));

        Assert.Equal(topology.Shards[topology.Ring.OwnerAt(0)].Id, topology.ShardOf(hash).Id);
    }

    [Fact]
    public void ShardOf_HashOnAPoint_IsThePointsOwner()
    {
        var topology = RingTopology.Create(Some.Shards(5));

        for (var i = 0; i < topology.PointCount; i++)
        {
            Assert.Equal(topology.Shards[topology.Ring.OwnerAt(i)].Id, topology.ShardOf(topology.Ring.PointAt(i)).Id);
        }
    }

    /// <summary>Trap K1: points in proportion to the others would rescale everybody. Here they are absolute.</summary>
    [Fact]
    public void Create_AnyShardRemoved_OnlyItsOwnKeysMove()
    {
        var shards = Enumerable.Range(0, 10).Select(i => new Shard<int>($"s{i}", i, i == 0 ? 10 : 1)).ToArray();
        var before = RingTopology.Create(shards);
        foreach (var gone in shards)
        {
            var after = RingTopology.Create(shards.Where(s => s != gone));
            for (var i = 0; i < 20_000; i++)
            {
                var owner = before.ShardOf(KeyHash.Of(i)).Id;
                if (owner != gone.Id)
                {
                    Assert.Equal(owner, after.ShardOf(KeyHash.Of(i)).Id);
                }
            }
        }
    }

    /// <summary>Trap K2: what a ring looks like must not depend on how it came about.</summary>
    [Fact]
    public void Create_AnyOrder_IsTheSameRing()
    {
        var shards = Some.Shards(20);
        var expected = RingTopology.Create(shards);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(10), Prop.ForAll(Gen.Shuffle(shards).ToArbitrary(), shuffled =>
        {
            var ring = RingTopology.Create(shuffled);
            return ring.Fingerprint == expected.Fingerprint && Enumerable.Range(0, 1000).All(i => ring.ShardOf(KeyHash.Of(i)) == expected.ShardOf(KeyHash.Of(i)));
        }));
    }

    [Fact]
    public void Create_Weights_PointsAreAbsolute()
    {
        Assert.Equal(160 + 320 + 80, RingTopology.Create([new Shard<int>("a", 0), new Shard<int>("b", 0, 2), new Shard<int>("c", 0, 0.5)]).PointCount);
        Assert.Equal(1, RingTopology.Create([new Shard<int>("a", 0, 0.001)]).PointCount);
    }

    [Fact]
    public void Create_TooManyPoints_ThrowsAndNamesTheShard() => Assert.Contains(
        "'big'", Assert.Throws<ArgumentException>(() => RingTopology.Create([new Shard<int>("a", 0), new Shard<int>("big", 0, 1_000_000)])).Message);

    [Theory]
    [InlineData(0)]
    [InlineData(10_001)]
    public void Create_BadPointsPerWeight_Throws(int points) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => RingTopology.Create(Some.Shards(2), pointsPerWeight: points));

    [Fact]
    public void Create_NoShardsOrTwins_Throws()
    {
        Assert.Throws<ArgumentException>(() => RingTopology.Create<int>([]));
        Assert.Throws<ArgumentException>(() => RingTopology.Create([.. Some.Shards(2), .. Some.Shards(1)]));
    }

    [Fact]
    public void Route_OnARing_AllocatesNothing()
    {
        var router = new ShardRouter<int>(RingTopology.Create(Some.Shards(100)));

        Assert.Equal(0, Allocated.By(() => router.Route("user:42")));
        Assert.Equal(0, Allocated.By(() => router.Route(42L)));
    }
}
