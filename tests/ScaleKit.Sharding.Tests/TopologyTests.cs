using FsCheck;
using FsCheck.Fluent;

namespace ScaleKit.Sharding.Tests;

public sealed class TopologyTests
{
    [Fact]
    public void Diff_SameTopology_NothingMoves()
    {
        foreach (var topology in new Topology<int>[] { Some.Slots(10), RingTopology.Create(Some.Shards(10)) })
        {
            var diff = Topology.Diff(topology, topology);

            Assert.Equal((0.0, 0.0, 0.0, 0), (diff.MovedShare, diff.MinimumShare, diff.NeedlessShare, diff.MovedSlots));
            Assert.Empty(diff.Flows);
        }
    }

    [Fact]
    public void Diff_HandMadeTables_ExactMovesFlowsAndNeedless()
    {
        var before = new int[256];
        Array.Fill(before, 1, 128, 128);
        var after = (int[])before.Clone();
        after[0] = 1;
        after[1] = 1;
        after[200] = 0;

        var diff = Topology.Diff(SlotTopology.FromTable(Some.Shards(2), before), SlotTopology.FromTable(Some.Shards(2), after, version: 2));

        Assert.Equal((1, 2), (diff.FromVersion, diff.ToVersion));
        Assert.Equal([new SlotMove(0, 1, "shard-0", "shard-1"), new SlotMove(200, 200, "shard-1", "shard-0")], diff.Moves);
        Assert.Equal(3, diff.MovedSlots);
        Assert.Equal((3 / 256.0, 1 / 256.0, 2 / 256.0), (diff.MovedShare, diff.MinimumShare, diff.NeedlessShare));
        Assert.Equal([new TopologyFlow("shard-0", "shard-1", 2 / 256.0), new TopologyFlow("shard-1", "shard-0", 1 / 256.0)], diff.Flows);
    }

    [Fact]
    public void Diff_CreatedAnewInsteadOfPlanned_ShowsTheNeedlessMoves()
    {
        var diff = Topology.Diff(Some.Slots(4), Some.Slots(5, version: 2));

        Assert.InRange(diff.MinimumShare, 0.199, 0.201);
        Assert.True(diff.NeedlessShare > 0.2);
    }

    [Fact]
    public void Diff_Rings_AgreesWithSampledKeysAndMovesNothingNeedless()
    {
        var before = RingTopology.Create(Some.Shards(20));
        var after = RingTopology.Create(Some.Shards(21), version: 2);

        var diff = Topology.Diff(before, after);

        var moved = Enumerable.Range(0, 200_000).Count(i => before.ShardOf(KeyHash.Of(i)).Id != after.ShardOf(KeyHash.Of(i)).Id) / 200_000.0;
        Assert.InRange(diff.MovedShare, moved - 0.005, moved + 0.005);
        Assert.Equal(0, diff.NeedlessShare);
        Assert.All(diff.Flows, f => Assert.Equal("shard-20", f.To));
        Assert.Equal(diff.MovedShare, diff.Flows.Sum(f => f.Share), 12);
    }

    [Fact]
    public void Diff_SlotsAgainstRingOfOneShard_EverythingElseMoves() =>
        Assert.Equal(0.75, Topology.Diff(Some.Slots(4), RingTopology.Create(Some.Shards(1))).MovedShare);

    [Fact]
    public void Diff_OfDifferentSlotCounts_ComparesHashes() =>
        Assert.Equal(0, Topology.Diff(Some.Slots(4), SlotTopology.Create(Some.Shards(4), slotCount: 1024)).MovedShare);

    [Theory]
    [InlineData(100, 101)]
    [InlineData(4, 5)]
    [InlineData(101, 100)]
    public void Plan_GrowOrShrinkByOne_MovesTheIdealWithinOneSlotAndNothingNeedless(int from, int to)
    {
        var plan = Topology.Plan(Some.Slots(from), Some.Shards(to));

        Assert.InRange(plan.Diff.MovedSlots - (65_536.0 / Math.Max(from, to)), -1, 1);
        Assert.Equal(0, plan.Diff.NeedlessShare);
    }

    [Fact]
    public void Plan_HundredToThousand_FewCopyFlowsAndBalanced()
    {
        var plan = Topology.Plan(Some.Slots(100), Some.Shards(1000));

        Assert.InRange(plan.Diff.Flows.Count, 900, 1_100);
        Assert.Equal(0, plan.Diff.NeedlessShare);
        Assert.InRange(plan.Target.Shards.Max(s => plan.Target.CountOf(s.Id)) / 65.536, 1, 1.01);
    }

    [Fact]
    public void Plan_AnyOfAHundredRemoved_OnlyItsOwnSlotsMove()
    {
        var current = Some.Slots(100);
        foreach (var gone in current.Shards)
        {
            var plan = Topology.Plan(current, current.Shards.Where(s => s != gone));

            Assert.Equal(current.SlotsOf(gone.Id).Sum(r => r.Count), plan.Diff.MovedSlots);
            Assert.All(plan.Diff.Moves, m => Assert.Equal(gone.Id, m.From));
            Assert.False(plan.Target.TryGetShard(gone.Id, out _));
        }
    }

    [Fact]
    public void Plan_AnyChangeOfAnySet_IsBalancedAndNeedlessIsZero()
    {
        var sets = Gen.NonEmptyListOf(Gen.Choose(1, 3_000)).Two().ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(25), Prop.ForAll(sets, pair =>
        {
            var current = Topology.Plan(Some.Slots(3), Weighted(pair.Item1)).Target;
            var plan = Topology.Plan(current, Weighted(pair.Item2), new PlanOptions { Rows = 1_000_000, WaveBytes = 200_000_000 });
            var total = pair.Item2.Sum();
            return plan.Diff.NeedlessShare == 0
                && plan.Target.Shards.Count == pair.Item2.Count
                && plan.Diff.Flows.Count < pair.Item1.Count + pair.Item2.Count
                && plan.Target.Shards.All(s => Math.Abs(plan.Target.CountOf(s.Id) - (65_536 * s.Weight * 1000 / total)) < 1 + 1e-6);
        }));

        static IEnumerable<Shard<int>> Weighted(IEnumerable<int> weights) => weights.Select((w, i) => new Shard<int>($"s{i}", i, w / 1000.0));
    }

    [Fact]
    public void Plan_SameShards_NothingMovesWhateverTheHistory()
    {
        var grown = Topology.Plan(Topology.Plan(Some.Slots(7), Some.Shards(13)).Target, Some.Shards(9)).Target;

        var plan = Topology.Plan(grown, Some.Shards(9));

        Assert.Empty(plan.Waves);
        Assert.Equal((0, grown.Version + 1), (plan.Diff.MovedSlots, plan.Target.Version));
        Assert.Equal(grown.Fingerprint, plan.Target.Fingerprint);
    }

    /// <summary>256 slots on three shards are 85, 85 and 86 in some order. Whoever holds the 86th keeps it, though a table made anew would give it to the first.</summary>
    [Fact]
    public void Plan_SharesRoundedOtherwise_NothingMoves()
    {
        var table = new int[256];
        Array.Fill(table, 1, 85, 85);
        Array.Fill(table, 2, 170, 86);

        Assert.Empty(Topology.Plan(SlotTopology.FromTable(Some.Shards(3), table), Some.Shards(3)).Diff.Moves);
    }

    [Fact]
    public void Plan_OneShardDoublesItsWeight_OnlyWhatItLacksMoves()
    {
        var shards = Some.Shards(100);
        var plan = Topology.Plan(SlotTopology.Create(shards), shards.Select(s => new Shard<int>(s.Id, s.Payload, s.Id == "shard-7" ? 2 : 1)));

        Assert.Equal(0, plan.Diff.NeedlessShare);
        Assert.All(plan.Diff.Moves, m => Assert.Equal("shard-7", m.To));
    }

    [Fact]
    public void Plan_ZonesThatCanSettleAmongThemselves_NothingCrossesAZone()
    {
        var plan = Topology.Plan(SlotTopology.Create(Some.Zoned(6, 3)), Some.Zoned(12, 3));

        var zones = plan.Target.Shards.ToDictionary(s => s.Id, s => s.Zone);
        Assert.All(plan.Diff.Flows, f => Assert.Equal(zones[f.From], zones[f.To]));
    }

    /// <summary>No zone can settle alone here, but each region can: copies between regions cost the most.</summary>
    [Fact]
    public void Plan_RegionsThatCanSettleAmongThemselves_NothingCrossesARegion()
    {
        var plan = Topology.Plan(SlotTopology.Create(Regional(3)), Regional(6));

        Assert.All(plan.Diff.Flows, f => Assert.Equal(f.From[..2], f.To[..2]));
        Assert.NotEmpty(plan.Diff.Flows);

        static IEnumerable<Shard<int>> Regional(int count) => Enumerable.Range(0, count)
            .SelectMany(i => new[] { "eu", "us" }.Select(region => new Shard<int>($"{region}-{i}", i, zone: $"{region}-zone-{i}", region: region)));
    }

    [Fact]
    public void Plan_BadTarget_Throws()
    {
        Assert.Throws<ArgumentException>(() => Topology.Plan(Some.Slots(2), []));
        Assert.Throws<ArgumentException>(() => Topology.Plan(Some.Slots(2), [.. Some.Shards(2), .. Some.Shards(1)]));
        Assert.Throws<ArgumentException>(() => Topology.Plan(SlotTopology.Create(Some.Shards(2), slotCount: 256), Some.Shards(257)));
    }

    [Theory]
    [InlineData(-1, 1, 1, 0)]
    [InlineData(0, 0, 1, 0)]
    [InlineData(0, 1, 0, 0)]
    [InlineData(0, 1, double.NaN, 0)]
    [InlineData(0, 1, 1, -1)]
    public void Plan_BadOption_Throws(long rows, long bytes, double rate, long wave) => Assert.Throws<ArgumentOutOfRangeException>(() => Topology.Plan(
        Some.Slots(2), Some.Shards(3), new PlanOptions { Rows = rows, BytesPerRow = bytes, RowsPerSecond = rate, WaveBytes = wave }));
}
