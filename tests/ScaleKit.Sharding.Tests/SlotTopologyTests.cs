using FsCheck;
using FsCheck.Fluent;

namespace ScaleKit.Sharding.Tests;

public sealed class SlotTopologyTests
{
    [Fact]
    public void Create_AnyOrderOfTheSameShards_IsTheSameTopology()
    {
        var shards = Some.Zoned(57, 3);
        var expected = SlotTopology.Create(shards);
        var property = Prop.ForAll(Gen.Shuffle(shards).ToArbitrary(), shuffled =>
        {
            var topology = SlotTopology.Create(shuffled);
            return topology.Fingerprint == expected.Fingerprint
                && topology.Ranges.SequenceEqual(expected.Ranges)
                && topology.Shards.Select(s => s.Id).SequenceEqual(expected.Shards.Select(s => s.Id));
        });

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(20), property);
    }

    [Fact]
    public void Create_AnyWeights_EveryShardIsWithinOneSlotOfItsExactShare()
    {
        var weights = Gen.NonEmptyListOf(Gen.Choose(1, 4_000).Select(w => w / 1000.0)).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(weights, list =>
        {
            var topology = SlotTopology.Create(list.Select((w, i) => new Shard<int>($"s{i}", i, w)));
            var total = list.Sum();
            var counts = topology.Shards.Select(s => topology.CountOf(s.Id)).ToArray();
            return counts.Sum() == topology.SlotCount
                && topology.Shards.Zip(counts).All(p => Math.Abs(p.Second - (topology.SlotCount * p.First.Weight / total)) < 1 + 1e-6);
        }));
    }

    [Theory]
    [InlineData(100, 1.002)]
    [InlineData(1000, 1.01)]
    public void Create_EqualShards_PeakToMeanIsBounded(int count, double bound)
    {
        var topology = Some.Slots(count);

        var peak = topology.Shards.Max(s => topology.CountOf(s.Id));

        Assert.InRange(peak / (65_536.0 / count), 1, bound);
    }

    [Fact]
    public void Create_EveryShard_OwnsOneContiguousRangeInIdOrder()
    {
        var topology = Some.Slots(10);

        Assert.Equal(topology.Shards.Select(s => s.Id), topology.Ranges.Select(r => r.ShardId));
        Assert.Equal(65_536, topology.Ranges.Sum(r => r.Count));
        Assert.Equal(topology.Ranges[3], Assert.Single(topology.SlotsOf(topology.Ranges[3].ShardId)));
        Assert.Equal(topology.Ranges[3].Count, topology.CountOf(topology.Ranges[3].ShardId));
    }

    [Fact]
    public void Create_NoShards_Throws() =>
        Assert.Equal("shards", Assert.Throws<ArgumentException>(() => SlotTopology.Create<int>([])).ParamName);

    [Fact]
    public void Create_DuplicateId_ThrowsAndNamesIt()
    {
        var error = Assert.Throws<ArgumentException>(() => SlotTopology.Create([.. Some.Shards(3), new Shard<int>("shard-1", 9)]));

        Assert.Contains("'shard-1'", error.Message);
    }

    [Fact]
    public void Create_IdsThatDifferOnlyInCase_AreTwoShards() =>
        Assert.Equal(2, SlotTopology.Create([new Shard<int>("a", 0), new Shard<int>("A", 1)]).Shards.Count);

    [Fact]
    public void Create_NullShard_Throws() => Assert.Throws<ArgumentException>(() => SlotTopology.Create([Some.Shards(1)[0], null!]));

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void Create_VersionBelowOne_Throws(long version) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Some.Slots(2, version));

    [Theory]
    [InlineData(0)]
    [InlineData(128)]
    [InlineData(1000)]
    [InlineData(131_072)]
    public void Create_BadSlotCount_Throws(int slotCount) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SlotTopology.Create(Some.Shards(2), slotCount: slotCount));

    [Fact]
    public void Create_MoreShardsThanSlots_Throws() =>
        Assert.Throws<ArgumentException>(() => SlotTopology.Create(Some.Shards(257), slotCount: 256));

    [Fact]
    public void FromTable_ShardsInAnyOrder_TableMeansTheOrderGiven()
    {
        var table = new int[256];
        table[7] = 1;

        var topology = SlotTopology.FromTable([new Shard<int>("z", 0), new Shard<int>("a", 1)], table, version: 4);

        Assert.Equal(("a", "z", 4), (topology.ShardOfSlot(7).Id, topology.ShardOfSlot(8).Id, topology.Version));
        Assert.Equal(3, topology.Ranges.Count);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    [InlineData(65_536)]
    public void FromTable_UnassignedSlot_ThrowsAndNamesTheSlot(int owner)
    {
        var table = new int[65_536];
        table[40_000] = owner;

        Assert.Contains("Slot 40000", Assert.Throws<ArgumentException>(() => SlotTopology.FromTable(Some.Shards(2), table)).Message);
    }

    [Fact]
    public void FromTable_ShardWithoutSlots_IsPartOfTheTopology()
    {
        var topology = SlotTopology.FromTable(Some.Shards(2), new int[256]);

        Assert.Equal(0, topology.CountOf("shard-1"));
        Assert.Empty(topology.SlotsOf("shard-1"));
    }

    [Fact]
    public void FromTable_TableChangedAfterwards_ChangesNothing()
    {
        var table = new int[256];
        var topology = SlotTopology.FromTable(Some.Shards(2), table);

        Array.Fill(table, 1);

        Assert.Equal("shard-0", topology.ShardOfSlot(0).Id);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65_536)]
    public void ShardOfSlot_NoSuchSlot_Throws(int slot) => Assert.Throws<ArgumentOutOfRangeException>(() => Some.Slots(2).ShardOfSlot(slot));

    [Fact]
    public void SlotOf_AnySlotCount_IsTheTopBits()
    {
        Assert.Equal(0xFEDC, Some.Slots(2).SlotOf(0xFEDC_BA98_7654_3210));
        Assert.Equal(0xFE, SlotTopology.Create(Some.Shards(2), slotCount: 256).SlotOf(0xFEDC_BA98_7654_3210));
    }

    [Fact]
    public void ShardOf_AnyHash_IsTheOwnerOfItsSlot()
    {
        foreach (var topology in new[] { Some.Slots(100), SlotTopology.Create(Some.Shards(100), slotCount: 1024) })
        {
            for (var i = 0; i < 10_000; i++)
            {
                var hash = KeyHash.Of(i);
                Assert.Same(topology.ShardOfSlot(topology.SlotOf(hash)), topology.ShardOf(hash));
            }
        }
    }

    [Fact]
    public void TryGetShard_KnownAndUnknown_Answers()
    {
        var topology = Some.Slots(3);

        Assert.True(topology.TryGetShard("shard-2", out var shard));
        Assert.Equal(2, shard.Payload);
        Assert.False(topology.TryGetShard("shard-3", out _));
    }

    [Fact]
    public void CountOf_UnknownShard_ThrowsAndEscapes() =>
        Assert.Contains("\\u0007", Assert.Throws<ArgumentException>(() => Some.Slots(3).CountOf("\a")).Message);

    [Fact]
    public void Fingerprint_PlacementDecides_VersionAndPayloadDoNot()
    {
        var topology = Some.Slots(3);

        Assert.Equal(topology.Fingerprint, Some.Slots(3, version: 9).Fingerprint);
        Assert.Equal(topology.Fingerprint, SlotTopology.Create(Enumerable.Range(0, 3).Select(i => new Shard<string>($"shard-{i}", "secret"))).Fingerprint);
        Assert.NotEqual(topology.Fingerprint, Some.Slots(4).Fingerprint);
        Assert.NotEqual(topology.Fingerprint, SlotTopology.Create(Some.Shards(3), slotCount: 256).Fingerprint);
        Assert.NotEqual(topology.Fingerprint, SlotTopology.Create(Some.Zoned(3, 3)).Fingerprint);
        Assert.NotEqual(topology.Fingerprint, SlotTopology.Create(Some.Shards(3, weight: 2)).Fingerprint);
        Assert.Matches("^[0-9a-f]{16}$", topology.Fingerprint);
    }
}
