using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class RecentLinksTests
{
    [Fact]
    public void Contradict_SameNumberOtherLink_IsSeenWithinTheSameEpochOnly()
    {
        var links = new RecentLinks();
        links.Note(new(1, 5, 50));

        Assert.True(links.Contradict(new(1, 5, 51)));
        Assert.False(links.Contradict(new(1, 5, 50)));
        Assert.False(links.Contradict(new(2, 5, 51)));
        Assert.False(links.Contradict(new(1, 6, 51)));
        links.Clear();
        Assert.False(links.Contradict(new(1, 5, 51)));
    }

    [Fact]
    public async Task OnInvalidation_NumberGivenOutTwice_AsksTheLog()
    {
        var bus = new OnePlace(new(7, 3, 33));
        await using var cache = Cached.New(bus: bus);
        await cache.GetAsync("k", 1);
        var readings = bus.Readings;

        // Known, and heard again: nothing.
        bus.Subscriber!.OnInvalidation(new(bus.Place, new Invalidation("default", ["other"])));
        Assert.Equal(readings, bus.Readings);

        bus.Subscriber.OnInvalidation(new(bus.Place with { Link = 99 }, new Invalidation("default", ["other"])));

        await Eventually.HoldsAsync(() => bus.Readings > readings, "the log is read");
    }

    /// <summary>A log that stands at one place.</summary>
    private sealed class OnePlace(InvalidationPosition place) : IInvalidationBus
    {
        private int _readings;

        public InvalidationPosition Place => place;

        public int Readings => Volatile.Read(ref _readings);

        public IInvalidationSubscriber? Subscriber { get; private set; }

        public bool NeedsHeartbeat => false;

        public ValueTask<InvalidationPosition> AppendAsync(Invalidation invalidation, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException("Nothing is appended here.");

        public ValueTask<InvalidationBatch> ReadFromAsync(string cache, InvalidationPosition after, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _readings);
            return new(new InvalidationBatch(place, [], isContinuous: after == place));
        }

        public IDisposable Subscribe(string cache, IInvalidationSubscriber subscriber)
        {
            Subscriber = subscriber;
            return new MemoryStream();
        }
    }
}
