namespace ScaleKit.Caching.Tests;

/// <summary>What a network does to a bus: subscribers miss records while <see cref="IsDeaf"/> holds, though appends succeed; reading can fail.</summary>
internal sealed class LossyBus(IInvalidationBus inner) : IInvalidationBus
{
    private readonly List<IInvalidationSubscriber> _subscribers = [];

    public volatile bool IsDeaf;
    public volatile bool IsUnreadable;
    public volatile bool IsUnwritable;
    public int Readings;

    public async ValueTask<InvalidationPosition> AppendAsync(Invalidation invalidation, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        if (IsUnwritable)
            throw new IOException("The bus is down.");
        return await inner.AppendAsync(invalidation, cancellationToken);
    }

    public ValueTask<InvalidationPosition> GetHeadAsync(CancellationToken cancellationToken = default) => inner.GetHeadAsync(cancellationToken);

    public ValueTask<InvalidationBatch> ReadFromAsync(InvalidationPosition after, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref Readings);
        return IsUnreadable ? throw new IOException("The bus is down.") : inner.ReadFromAsync(after, cancellationToken);
    }

    public IDisposable Subscribe(IInvalidationSubscriber subscriber, InvalidationPosition after = default)
    {
        _subscribers.Add(subscriber);
        return inner.Subscribe(new Ear(this, subscriber), after);
    }

    public async Task HeartbeatAsync()
    {
        var head = await inner.GetHeadAsync();
        foreach (var subscriber in _subscribers)
            subscriber.OnHead(head);
    }

    private sealed class Ear(LossyBus bus, IInvalidationSubscriber subscriber) : IInvalidationSubscriber
    {
        public void OnInvalidation(InvalidationRecord record)
        {
            if (!bus.IsDeaf)
                subscriber.OnInvalidation(record);
        }

        public void OnHead(InvalidationPosition head)
        {
            if (!bus.IsDeaf)
                subscriber.OnHead(head);
        }
    }
}
