using FsCheck;
using FsCheck.Fluent;

namespace ScaleKit.Sharding.Tests;

public sealed class HotKeySketchTests
{
    private static readonly HotKeyOptions EveryCall = new() { Enabled = true, SampleEvery = 1, Capacity = 8 };

    /// <summary>The theorem of the paper: a count is never too low, too high by its error at most, and no key above 1/capacity is missed.</summary>
    [Fact]
    public void Top_AnyStream_KeepsTheSpaceSavingBounds()
    {
        var streams = Gen.NonEmptyListOf(Gen.Frequency((3, Gen.Choose(0, 3)), (2, Gen.Choose(0, 60)))).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(streams, stream =>
        {
            var sketch = new HotKeySketch(EveryCall);
            foreach (var key in stream)
            {
                sketch.Observe(key, KeyHash.Of(key));
            }

            var truth = stream.CountBy(k => $"{k}").ToDictionary(k => k.Key, k => k.Value / (double)stream.Count);
            var top = sketch.Top(100);
            return top.Count <= 8
                && top.All(t => t.Share >= truth[t.Key] - 1e-9 && t.Share - t.Error <= truth[t.Key] + 1e-9)
                && truth.Where(t => t.Value > 1 / 8.0).All(t => top.Any(x => x.Key == t.Key));
        }));
    }

    [Fact]
    public void Router_SampledCalls_FindTheHotKeyAmongMany()
    {
        var router = new ShardRouter<int>(Some.Slots(4), new ShardRouterOptions { HotKeys = new HotKeyOptions { Enabled = true, SampleEvery = 16 } });
        for (var i = 0; i < 200_000; i++)
        {
            router.Route(i % 5 == 0 ? "room/hot" : $"room/{i}");
        }

        var hottest = router.HotKeys!.Top(1)[0];

        Assert.Equal(("room/hot", KeyHash.Of("room/hot")), (hottest.Key, hottest.Hash));
        Assert.InRange(hottest.Share, 0.15, 0.26);
        Assert.InRange(router.HotKeys.Samples, 200_000 / 16 * 0.8, 200_000 / 16 * 1.2);
    }

    [Fact]
    public void Router_EveryKindOfKey_IsReportedAsText()
    {
        var router = new ShardRouter<int>(Some.Slots(4), new ShardRouterOptions { HotKeys = EveryCall, UseHashTags = true });

        router.Route("{tag}text");
        router.RouteUtf8("utf8-ж"u8);
        router.Route(-7L);
        router.Route(7UL);
        router.Route(Guid.Empty);

        Assert.Equal(
            new[] { "tag", "utf8-ж", "-7", "7", Guid.Empty.ToString() }.Order(StringComparer.Ordinal),
            router.HotKeys!.Top().Select(h => h.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Router_Default_SamplesNothing() => Assert.Null(new ShardRouter<int>(Some.Slots(4)).HotKeys);

    [Fact]
    public void Observe_HashKeys_NoKeyIsKept()
    {
        var sketch = new HotKeySketch(new HotKeyOptions { SampleEvery = 1, HashKeys = true });

        sketch.Observe("secret@example.org", KeyHash.Of("secret@example.org"));

        Assert.Equal($"{KeyHash.Of("secret@example.org"):x16}", Assert.Single(sketch.Top()).Key);
    }

    [Fact]
    public void Observe_HugeKey_IsCutOff()
    {
        var sketch = new HotKeySketch(EveryCall);
        var key = new string('x', 1_000_000);

        sketch.Observe(key, KeyHash.Of(key));

        Assert.Equal(128, Assert.Single(sketch.Top()).Key.Length);
    }

    [Fact]
    public void Reset_AfterSamples_BeginsAnew()
    {
        var sketch = new HotKeySketch(EveryCall);
        sketch.Observe(1, KeyHash.Of(1));

        sketch.Reset();
        sketch.Observe(2, KeyHash.Of(2));

        Assert.Equal(("2", 1.0, 0.0), (sketch.Top()[0].Key, sketch.Top()[0].Share, sketch.Top()[0].Error));
        Assert.Equal(1, sketch.Samples);
    }

    [Fact]
    public void Observe_FromManyThreads_StaysWithinItsMemoryAndItsSamplesAddUp()
    {
        var sketch = new HotKeySketch(EveryCall);

        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 50_000; i++)
            {
                sketch.Observe(i % 50, KeyHash.Of(i % 50));
            }
        });

        Assert.Equal(8, sketch.Top(100).Count);
        Assert.InRange(sketch.Samples, 1, 200_000);
        Assert.InRange(sketch.Top(100).Sum(k => k.Share), 0.999999, 1.000001);
    }

    [Theory]
    [InlineData(7, 1)]
    [InlineData(5_000, 1)]
    [InlineData(8, 0)]
    public void Constructor_BadOptions_Throws(int capacity, int every)
    {
        var options = new HotKeyOptions { Capacity = capacity, SampleEvery = every };

        Assert.Throws<ArgumentOutOfRangeException>(() => new HotKeySketch(options));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShardRouter<int>(Some.Slots(4), new ShardRouterOptions { HotKeys = options }));
    }
}
