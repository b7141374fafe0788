namespace ScaleKit.Caching.Tests;

public sealed class InProcessInvalidationBusTests
{
    [Fact]
    public async Task AppendAsync_FromManyThreads_NumbersWithoutAGapAndDeliversInOrderToAll()
    {
        var bus = new InProcessInvalidationBus();
        var (one, two) = (new Recorder(), new Recorder());
        using var first = bus.Subscribe(one);
        using var second = bus.Subscribe(two);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(async () =>
        {
            for (var i = 0; i < 250; i++)
                await bus.AppendAsync(new Invalidation("c", [$"{t}-{i}"]));
        })));

        Assert.Equal(Enumerable.Range(1, 2000).Select(i => (long)i), one.Records.Select(r => r.Position.Sequence));
        Assert.Equal(one.Records, two.Records);
        Assert.Equal(2000, (await bus.GetHeadAsync()).Sequence);
    }

    [Fact]
    public async Task ReadFromAsync_KnownPlace_ReturnsWhatCameAfter()
    {
        var bus = new InProcessInvalidationBus(logCapacity: 3);
        var places = new List<InvalidationPosition> { await bus.GetHeadAsync() };
        for (var i = 0; i < 5; i++)
            places.Add(await bus.AppendAsync(new Invalidation("c", [$"k{i}"], [$"t{i}"])));

        var batch = await bus.ReadFromAsync(places[2]);
        Assert.True(batch.IsContinuous);
        Assert.Equal([3L, 4, 5], batch.Records.Select(r => r.Position.Sequence));
        Assert.Equal(places[5], batch.Head);
        Assert.Empty((await bus.ReadFromAsync(places[5])).Records);
    }

    [Fact]
    public async Task ReadFromAsync_TrimmedOrForeignPlace_ReturnsTheTagsThatAreRemembered()
    {
        var bus = new InProcessInvalidationBus(logCapacity: 2);
        var start = await bus.GetHeadAsync();
        await bus.AppendAsync(new Invalidation("c", tags: ["*"]));
        await bus.AppendAsync(new Invalidation("c", tags: ["a"]));
        await bus.AppendAsync(new Invalidation("d", tags: ["a", "b"]));
        await bus.AppendAsync(new Invalidation("c", ["k"]));
        var head = await bus.AppendAsync(new Invalidation("c", tags: ["a"]));

        foreach (var place in new[] { start, default, head with { Epoch = head.Epoch + 1 }, head with { Sequence = 99 } })
        {
            var batch = await bus.ReadFromAsync(place);
            Assert.False(batch.IsContinuous);
            Assert.Equal(head, batch.Head);
            Assert.Equal(["c*1", "da3", "db3", "ca5"], batch.Records
                .Select(r => $"{r.Invalidation.Cache}{r.Invalidation.Tags.Single()}{r.Position.Sequence}")
                .OrderBy(t => t[^1]).ThenBy(t => t, StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Subscribe_AtAPlace_DeliversFromThereUntilDisposed()
    {
        var bus = new InProcessInvalidationBus();
        await bus.AppendAsync(new Invalidation("c", ["a"]));
        var place = await bus.AppendAsync(new Invalidation("c", ["b"]));
        await bus.AppendAsync(new Invalidation("c", ["c"]));
        var recorder = new Recorder();

        using (bus.Subscribe(recorder, place))
            await bus.AppendAsync(new Invalidation("c", ["d"]));
        await bus.AppendAsync(new Invalidation("c", ["e"]));

        Assert.Equal(["c", "d"], recorder.Records.Select(r => r.Invalidation.Keys.Single()));
    }

    [Fact]
    public async Task GetHeadAsync_TwoBuses_HaveDifferentEpochs() =>
        Assert.NotEqual((await new InProcessInvalidationBus().GetHeadAsync()).Epoch, (await new InProcessInvalidationBus().GetHeadAsync()).Epoch);

    [Fact]
    public void Constructor_CapacityTooSmall_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>("logCapacity", () => new InProcessInvalidationBus(logCapacity: 0));
        Assert.Throws<ArgumentOutOfRangeException>("tagCapacity", () => new InProcessInvalidationBus(tagCapacity: 1));
        Assert.Throws<ArgumentException>("cache", () => new Invalidation(""));
    }

    private sealed class Recorder : IInvalidationSubscriber
    {
        public List<InvalidationRecord> Records { get; } = [];

        public void OnInvalidation(InvalidationRecord record) => Records.Add(record);

        public void OnHead(InvalidationPosition head)
        {
        }
    }
}
