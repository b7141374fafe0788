namespace ScaleKit.Sharding.Tests;

public sealed class ReshardPlanTests
{
    private static readonly PlanOptions TenMillionRows = new() { Rows = 10_000_000, BytesPerRow = 1_000, RowsPerSecond = 5_000, WaveBytes = 250_000_000 };

    [Fact]
    public void Waves_WithABudget_StayInsideItAndAddUp()
    {
        var plan = Topology.Plan(Some.Slots(4), Some.Shards(5), TenMillionRows);

        Assert.Equal(9, plan.Waves.Count);
        Assert.All(plan.Waves, w => Assert.InRange(w.Bytes, 1, TenMillionRows.WaveBytes));
        Assert.Equal(plan.Diff.MovedSlots, plan.Waves.Sum(w => w.Slots));
        Assert.Equal(Enumerable.Range(1, 9), plan.Waves.Select(w => w.Number));
        Assert.InRange(plan.Rows, 1_999_000, 2_001_000);
        Assert.Equal(plan.Rows / 5_000.0, plan.Duration.TotalSeconds, 0.01);
        Assert.Equal(plan.Duration, plan.Waves[^1].Elapsed);
        Assert.Equal(plan.Bytes, plan.Rows * 1_000.0);
    }

    [Fact]
    public void Waves_BudgetBelowOneSlot_OneSlotEach()
    {
        var plan = Topology.Plan(SlotTopology.Create(Some.Shards(4), slotCount: 256), Some.Shards(5), new PlanOptions { Rows = 1_000_000, WaveBytes = 1 });

        Assert.All(plan.Waves, w => Assert.Equal(1, w.Slots));
    }

    [Fact]
    public void Waves_WithoutRowsOrBudget_OneWaveWithoutAnEstimate()
    {
        var wave = Assert.Single(Topology.Plan(Some.Slots(4), Some.Shards(5)).Waves);

        Assert.Equal((0, TimeSpan.Zero), (wave.Rows, wave.Duration));
    }

    [Fact]
    public void TopologyAfter_EveryWave_IsValidMovesOnlyItsSlotsAndRisesByOne()
    {
        var plan = Topology.Plan(Some.Slots(5), [.. Some.Shards(4), new Shard<int>("new", 9)], TenMillionRows);
        for (var done = 1; done <= plan.Waves.Count; done++)
        {
            var step = Topology.Diff(plan.TopologyAfter(done - 1), plan.TopologyAfter(done));

            Assert.Equal(plan.Current.Version + done, plan.TopologyAfter(done).Version);
            Assert.Equal(plan.Waves[done - 1].Slots, step.MovedSlots);
            Assert.Equal(plan.Waves[done - 1].Moves.OrderBy(m => m.First), step.Moves);
        }

        Assert.Same(plan.Current, plan.TopologyAfter(0));
        Assert.Equal(plan.Target.Fingerprint, plan.TopologyAfter(plan.Waves.Count).Fingerprint);
        Assert.False(plan.Target.TryGetShard("shard-4", out _));
    }

    /// <summary>Stopped after any wave, a new plan to the same target moves exactly the rest, so no slot moves twice.</summary>
    [Fact]
    public void TopologyAfter_StoppedAnywhere_ANewPlanMovesExactlyTheRest()
    {
        var target = Some.Zoned(17, 3);
        var plan = Topology.Plan(SlotTopology.Create(Some.Zoned(11, 3)), target, new PlanOptions { Rows = 1_000_000, WaveBytes = 20_000_000 });
        Assert.InRange(plan.Waves.Count, 10, 100);
        for (var done = 0; done <= plan.Waves.Count; done++)
        {
            var rest = Topology.Plan(plan.TopologyAfter(done), target);

            Assert.Equal(plan.Waves.Skip(done).Sum(w => w.Slots), rest.Diff.MovedSlots);
            Assert.Equal(0, rest.Diff.NeedlessShare);
        }
    }

    [Fact]
    public void TopologyAfter_RouterTakesEveryWave()
    {
        var plan = Topology.Plan(Some.Slots(4), Some.Shards(5), TenMillionRows);
        var router = new ShardRouter<int>(plan.Current);

        for (var done = 1; done <= plan.Waves.Count; done++)
        {
            router.Swap(plan.TopologyAfter(done));
        }

        Assert.Equal(plan.Target.Fingerprint, router.Topology.Fingerprint);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void TopologyAfter_NoSuchWave_Throws(int waves) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Topology.Plan(Some.Slots(4), Some.Shards(5)).TopologyAfter(waves));
}
