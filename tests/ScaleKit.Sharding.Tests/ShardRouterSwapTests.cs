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
        var topologies = Generations();
        var router = new ShardRouter<int>(topologies[0]);
        var hash = KeyHash.Of("user:42");
        using var last = new ThreadLocal<int>();

        await SwapAllWhileAsync(router, topologies, () =>
        {
            var shard = router.Route("user:42");
            Assert.True(shard.Payload >= last.Value && ReferenceEquals(topologies[shard.Payload - 1].ShardOf(hash), shard), shard.Id);
            last.Value = shard.Payload;
        });

        Assert.Equal(topologies.Length, router.Route("user:42").Payload);
    }

    /// <summary>
    /// Invariant: a token and the shard beside it are of one topology. Breaking interleaving: the shard is looked up in version n, the swap runs, the token gets
    /// version n + 1, and the fence of the old owner lets a call pass that it must refuse.
    /// </summary>
    [Fact]
    public async Task RouteWithToken_WhileTopologiesAreSwapped_ShardAndVersionAreOfOneTopology()
    {
        var topologies = Generations();
        var router = new ShardRouter<int>(topologies[0]);
        var hash = KeyHash.Of("user:42");

        await SwapAllWhileAsync(router, topologies, () =>
        {
            for (var i = 0; i < 50; i++)
            {
                var shard = router.RouteHash(hash, out var token);
                if (shard.Payload != token.Version)
                {
                    Assert.Fail($"shard of version {shard.Payload}, token of version {token.Version}");
                }
            }
        });
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

    /// <summary>Every shard of version v has payload v, and the versions differ in shard count and ids, so that a mixture shows itself.</summary>
    private static SlotTopology<int>[] Generations() =>
    [
        .. Enumerable.Range(1, 2_000)
            .Select(v => SlotTopology.Create(Enumerable.Range(0, 1 + (v % 7)).Select(i => new Shard<int>($"v{v % 3}-{i}", v)), v, slotCount: 256)),
    ];

    /// <summary>Two threads read without a pause; each swap waits until one of them has gone on, so that all swaps meet readers.</summary>
    private static async Task SwapAllWhileAsync(ShardRouter<int> router, SlotTopology<int>[] topologies, Action read)
    {
        var reads = 0L;
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                read();
                Interlocked.Increment(ref reads);
            }
        })).ToArray();
        foreach (var topology in topologies.Skip(1))
        {
            var seen = Interlocked.Read(ref reads);
            while (Interlocked.Read(ref reads) == seen && !readers.Any(r => r.IsCompleted))
            {
                Thread.Yield();
            }

            router.Swap(topology);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }
}
