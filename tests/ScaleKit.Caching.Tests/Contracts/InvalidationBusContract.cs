using System.Collections.Concurrent;
using System.Globalization;
using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

/// <summary>What every invalidation bus must do. Caches of one test have a name of their own, so that a server can be shared.</summary>
public abstract class InvalidationBusContract
{
    private readonly string _cache = "c" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);

    protected abstract int LogCapacity { get; }

    protected abstract int TagCapacity { get; }

    protected abstract Task<IInvalidationBus> CreateAsync();

    [Fact]
    public async Task AppendAsync_FromManyThreads_NumbersWithoutAGapAndDeliversToAll()
    {
        var bus = await CreateAsync();
        var (one, two) = (new Recorder(), new Recorder());
        using var first = bus.Subscribe(_cache, one);
        using var second = bus.Subscribe(_cache, two);
        await HearAsync(bus, one, two);
        var start = await HeadAsync(bus);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
                await bus.AppendAsync(new Invalidation(_cache, [$"{t}-{i}"]));
        })));

        var numbers = Enumerable.Range(1, 400).Select(i => start.Sequence + i).ToArray();
        foreach (var recorder in new[] { one, two })
        {
            await Eventually.HoldsAsync(() => recorder.Since(start).Length >= 400, "all records arrive");
            Assert.Equal(numbers, recorder.Since(start).Select(r => r.Position.Sequence).Order());
        }

        Assert.Equal(numbers[^1], (await HeadAsync(bus)).Sequence);
    }

    [Fact]
    public async Task AppendAsync_AnyText_ArrivesAsItWas()
    {
        var bus = await CreateAsync();
        var recorder = new Recorder();
        using var subscription = bus.Subscribe(_cache, recorder);
        await HearAsync(bus, recorder);
        string[] texts = ["a", "{b}", "käse\u20ac", "line one\nline two", "\ud83d\ude00", new string('x', 16_384), " 1 2 3 "];

        var place = await bus.AppendAsync(new Invalidation(_cache, texts, texts[..3]));

        await Eventually.HoldsAsync(() => recorder.Records.Any(r => r.Position == place), "the record arrives");
        var heard = recorder.Records.Single(r => r.Position == place).Invalidation;
        Assert.Equal(texts, heard.Keys);
        Assert.Equal(texts[..3], heard.Tags);
        var batch = await bus.ReadFromAsync(_cache, default);
        Assert.Equal(texts, batch.Records.Single(r => r.Position.Sequence == place.Sequence && r.Invalidation.Keys.Count > 0).Invalidation.Keys);
    }

    [Fact]
    public async Task ReadFromAsync_KnownPlace_ReturnsWhatCameAfter()
    {
        var bus = await CreateAsync();
        var places = new List<InvalidationPosition> { await HeadAsync(bus) };
        for (var i = 0; i < 5; i++)
            places.Add(await bus.AppendAsync(new Invalidation(_cache, [$"k{i}"], [$"t{i}"])));

        var batch = await bus.ReadFromAsync(_cache, places[2]);

        Assert.True(batch.IsContinuous);
        Assert.Equal(places[3..], batch.Records.Select(r => r.Position));
        Assert.Equal(places[2..5].Select(p => p.Link), batch.Records.Select(r => r.PreviousLink));
        Assert.Equal(["k2", "k3", "k4"], batch.Records.Select(r => r.Invalidation.Keys.Single()));
        Assert.Equal(places[5], batch.Head);
        Assert.Empty((await bus.ReadFromAsync(_cache, places[5])).Records);
    }

    [Fact]
    public async Task ReadFromAsync_UnknownPlace_ReturnsTheLastRecordsAndTheTagsThatAreRemembered()
    {
        var bus = await CreateAsync();
        var start = (await HeadAsync(bus)).Sequence;
        await bus.AppendAsync(new Invalidation(_cache, tags: ["*"]));
        await bus.AppendAsync(new Invalidation(_cache, tags: ["a", "b"]));
        for (var i = 0; i < LogCapacity; i++)
            await bus.AppendAsync(new Invalidation(_cache, ["filler"]));
        var head = await bus.AppendAsync(new Invalidation(_cache, ["k"], ["a"]));

        var batch = await bus.ReadFromAsync(_cache, default);

        Assert.False(batch.IsContinuous);
        Assert.Equal(head, batch.Head);
        var tags = batch.Records
            .SelectMany(r => r.Invalidation.Tags, (r, t) => (Tag: t, At: r.Position.Sequence - start))
            .GroupBy(t => t.Tag, (tag, all) => tag + all.Max(t => t.At))
            .Order(StringComparer.Ordinal);
        Assert.Equal(["*1", $"a{LogCapacity + 3}", "b2"], tags);
        Assert.Equal(head.Sequence, batch.Records.Last(r => r.Invalidation.Keys.Contains("k")).Position.Sequence);
    }

    [Fact]
    public async Task ReadFromAsync_TrimmedPlace_SaysSo()
    {
        var bus = await CreateAsync();
        var start = await bus.AppendAsync(new Invalidation(_cache, ["k"]));
        for (var i = 0; i <= LogCapacity; i++)
            await bus.AppendAsync(new Invalidation(_cache, ["filler"]));

        var batch = await bus.ReadFromAsync(_cache, start);

        Assert.False(batch.IsContinuous);
        Assert.Equal(start.Epoch, batch.Head.Epoch);
    }

    [Fact]
    public async Task ReadFromAsync_MoreTagsThanRemembered_RaisesTheFloor()
    {
        var bus = await CreateAsync();
        await bus.AppendAsync(new Invalidation(_cache, tags: ["first"]));
        var first = await HeadAsync(bus);
        foreach (var group in Enumerable.Range(0, TagCapacity + LogCapacity).Chunk(100))
            await bus.AppendAsync(new Invalidation(_cache, tags: [.. group.Select(i => $"t{i}")]));
        for (var i = 0; i <= LogCapacity; i++)
            await bus.AppendAsync(new Invalidation(_cache, ["filler"], [$"u{i}"]));

        var batch = await bus.ReadFromAsync(_cache, default);

        Assert.DoesNotContain(batch.Records, r => r.Invalidation.Tags.Contains("first"));
        Assert.True(batch.TagFloor >= first.Sequence);
    }

    [Fact]
    public async Task Caches_OfDifferentNames_HaveLogsOfTheirOwn()
    {
        var bus = await CreateAsync();
        var recorder = new Recorder();
        using var subscription = bus.Subscribe(_cache, recorder);
        await HearAsync(bus, recorder);
        var start = await HeadAsync(bus);

        await bus.AppendAsync(new Invalidation(_cache + "2", ["k"]));
        var place = await bus.AppendAsync(new Invalidation(_cache, ["k"]));

        Assert.Equal(start.Sequence + 1, place.Sequence);
        await Eventually.HoldsAsync(() => recorder.Records.Any(r => r.Position == place), "the record arrives");
        Assert.All(recorder.Records, r => Assert.Equal(_cache, r.Invalidation.Cache));
    }

    [Fact]
    public async Task Subscribe_Disposed_HearsNoMore()
    {
        var bus = await CreateAsync();
        var (left, stays) = (new Recorder(), new Recorder());
        using var second = bus.Subscribe(_cache, stays);
        using (bus.Subscribe(_cache, left))
            await HearAsync(bus, left, stays);

        var place = await bus.AppendAsync(new Invalidation(_cache, ["after"]));

        await Eventually.HoldsAsync(() => stays.Records.Any(r => r.Position == place), "the record arrives");
        Assert.DoesNotContain(left.Records, r => r.Position == place);
    }

    private async Task<InvalidationPosition> HeadAsync(IInvalidationBus bus) => (await bus.ReadFromAsync(_cache, default)).Head;

    /// <summary>Appends until all hear it: a subscription may take a moment to stand.</summary>
    private Task HearAsync(IInvalidationBus bus, params Recorder[] recorders) => Eventually.HoldsAsync(
        async () =>
        {
            var place = await bus.AppendAsync(new Invalidation(_cache, ["hello"]));
            return recorders.All(r => r.Records.Any(x => x.Position.Epoch == place.Epoch));
        },
        "the subscription stands");

    private sealed class Recorder : IInvalidationSubscriber
    {
        public ConcurrentQueue<InvalidationRecord> Records { get; } = new();

        public InvalidationRecord[] Since(InvalidationPosition place) => [.. Records.Where(r => r.Position.Sequence > place.Sequence)];

        public void OnInvalidation(InvalidationRecord record) => Records.Enqueue(record);

        public void OnMissed()
        {
        }
    }
}
