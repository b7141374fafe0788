namespace ScaleKit.Caching.Tests;

/// <summary>What a network does to a bus: subscribers miss records while <see cref="IsDeaf"/> holds, though appends succeed; reading can fail.</summary>
internal sealed class LossyBus(IInvalidationBus inner) : IInvalidationBus
{
    private readonly List<IInvalidationSubscriber> _subscribers = [];

    public volatile bool IsDeaf;
    public volatile bool IsUnreadable;
    public volatile bool IsUnwritable;
    public int Readings;

    public bool NeedsHeartbeat { get; init; }

    public async ValueTask<InvalidationPosition> AppendAsync(Invalidation invalidation, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        if (IsUnwritable)
            throw new IOException("The bus is down.");
        return await inner.AppendAsync(invalidation, cancellationToken);
    }

    public ValueTask<InvalidationBatch> ReadFromAsync(string cache, InvalidationPosition after, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref Readings);
        return IsUnreadable ? throw new IOException("The bus is down.") : inner.ReadFromAsync(cache, after, cancellationToken);
    }

    public IDisposable Subscribe(string cache, IInvalidationSubscriber subscriber)
    {
        _subscribers.Add(subscriber);
        return inner.Subscribe(cache, new Ear(this, subscriber));
    }

    public void Heartbeat()
    {
        foreach (var subscriber in _subscribers)
            subscriber.OnMissed();
    }

    private sealed class Ear(LossyBus bus, IInvalidationSubscriber subscriber) : IInvalidationSubscriber
    {
        public void OnInvalidation(InvalidationRecord record)
        {
            if (!bus.IsDeaf)
                subscriber.OnInvalidation(record);
        }

        public void OnMissed()
        {
            if (!bus.IsDeaf)
                subscriber.OnMissed();
        }
    }
}
