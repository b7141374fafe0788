using System.Diagnostics.Metrics;

namespace ScaleKit.Sharding.Tests;

public sealed class ShardRouterSwapTests
{
    [Fact]
    public void Swap_HigherVersion_IsInForce()
    {
        var router = new ShardRouter<int>(Some.Slots(4));
        var next = Some.Slots(5, version: 2);

        router.Swap(next);

        Assert.Same(next, router.Topology);
        Assert.Same(next.ShardOf(KeyHash.Of("a")), router.Route("a"));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    public void Swap_SameOrLowerVersion_IsRefusedAndNothingChanges(long offered)
    {
        var current = Some.Slots(4, version: 7);
        var router = new ShardRouter<int>(current);

        var error = Assert.Throws<StaleTopologyException>(() => router.Swap(Some.Slots(5, offered)));

        Assert.Equal((offered, 7), (error.Offered, error.Current));
        Assert.Same(current, router.Topology);
    }

    [Fact]
    public void Swap_WhileSwitchedOff_IsRefusedAndRoutingGoesOn()
    {
        var current = Some.Slots(4);
        var router = new ShardRouter<int>(current) { IsEnabled = false };

        Assert.Throws<TopologyFrozenException>(() => router.Swap(Some.Slots(5, version: 2)));

        Assert.Same(current.ShardOf(KeyHash.Of("a")), router.Route("a"));
        router.IsEnabled = true;
        router.Swap(Some.Slots(5, version: 2));
        Assert.Equal(2, router.Topology.Version);
    }

    [Fact]
    public void Constructor_EnabledFalse_StartsFrozen() => Assert.Throws<TopologyFrozenException>(
        () => new ShardRouter<int>(Some.Slots(4), new ShardRouterOptions { Enabled = false }).Swap(Some.Slots(5, version: 2)));

    [Fact]
    public void Swap_Null_Throws() => Assert.Throws<ArgumentNullException>(() => new ShardRouter<int>(Some.Slots(1)).Swap(null!));

    /// <summary>
    /// Invariant: a routed call sees exactly one topology. Breaking interleaving: a reader takes the table of version n, the swap runs, the reader
    /// looks the number up among the shards of version n + 1, and gets a shard that owned the key in neither.
    /// </summary>
    [Fact]
    public async Task Route_WhileTopologiesAreSwapped_IsTheOwnerByOneOfThem()
    {
        // Every shard of version v has payload v, and the versions differ in shard count and ids, so that a mixture shows itself.
        var topologies = Enumerable.Range(1, 2_000)
            .Select(v => SlotTopology.Create(Enumerable.Range(0, 1 + (v % 7)).Select(i => new Shard<int>($"v{v % 3}-{i}", v)), v, slotCount: 256))
            .ToArray();
        var router = new ShardRouter<int>(topologies[0]);
        using var stop = new CancellationTokenSource();

        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            var last = 0;
            var hash = KeyHash.Of("user:42");
            while (!stop.IsCancellationRequested)
            {
                var shard = router.Route("user:42");
                Assert.InRange(shard.Payload, last, topologies.Length);
                Assert.Same(topologies[shard.Payload - 1].ShardOf(hash), shard);
                last = shard.Payload;
            }
        })).ToArray();
        foreach (var topology in topologies.Skip(1))
        {
            router.Swap(topology);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Equal(topologies.Length, router.Route("user:42").Payload);
    }

    /// <summary>
    /// Invariant: versions in force only grow. Breaking interleaving: two swaps compare with version 1, the one to 3 is written, then the one to 2.
    /// </summary>
    [Fact]
    public void Swap_FromManyThreads_TheHighestVersionStays()
    {
        for (var round = 0; round < 200; round++)
        {
            var router = new ShardRouter<int>(SlotTopology.Create(Some.Shards(1), 1, 256));
            var offers = Enumerable.Range(2, 8).Select(v => SlotTopology.Create(Some.Shards(1), v, 256)).ToArray();

            Parallel.ForEach(offers, new ParallelOptions { MaxDegreeOfParallelism = 4 }, offer =>
            {
                try
                {
                    router.Swap(offer);
                }
                catch (StaleTopologyException stale)
                {
                    Assert.True(stale.Current >= stale.Offered);
                }
            });

            Assert.Equal(9, router.Topology.Version);
        }
    }

    [Fact]
    public void Swap_EveryOutcome_IsCountedByRouterAndResult()
    {
        var seen = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == ShardingDiagnostics.MeterName)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var text = string.Join(',', tags.ToArray().Select(t => t.Value));
            if (text.StartsWith("counted", StringComparison.Ordinal))
            {
                seen.Add($"{instrument.Name}={value} {text}");
            }
        });
        listener.Start();
        var router = new ShardRouter<int>(Some.Slots(4), new ShardRouterOptions { Name = "counted" });

        router.Swap(Some.Slots(5, version: 2));
        Assert.Throws<StaleTopologyException>(() => router.Swap(Some.Slots(5, version: 2)));
        router.IsEnabled = false;
        Assert.Throws<TopologyFrozenException>(() => router.Swap(Some.Slots(5, version: 3)));

        Assert.Equal(
            [
                "scalekit.sharding.topology.version=1 counted",
                "scalekit.sharding.topology.version=2 counted",
                "scalekit.sharding.swaps=1 counted,applied",
                "scalekit.sharding.swaps=1 counted,stale",
                "scalekit.sharding.swaps=1 counted,frozen",
            ],
            seen);
    }
}
