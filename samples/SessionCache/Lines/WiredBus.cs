using ScaleKit.Caching;

namespace SessionCache;

/// <summary>A bus at the other end of a wire: records get lost while it is cut, so its subscribers need a heartbeat.</summary>
internal sealed class WiredBus(Wire wire, IInvalidationBus bus) : IInvalidationBus
{
    public bool NeedsHeartbeat => true;

    public ValueTask<InvalidationPosition> AppendAsync(Invalidation invalidation, CancellationToken cancellationToken = default)
    {
        wire.Pass();
        return bus.AppendAsync(invalidation, cancellationToken);
    }

    public ValueTask<InvalidationBatch> ReadFromAsync(string cache, InvalidationPosition after, CancellationToken cancellationToken = default)
    {
        wire.Pass();
        return bus.ReadFromAsync(cache, after, cancellationToken);
    }

    public IDisposable Subscribe(string cache, IInvalidationSubscriber subscriber) => bus.Subscribe(cache, new Ear(wire, subscriber));

    private sealed class Ear(Wire wire, IInvalidationSubscriber subscriber) : IInvalidationSubscriber
    {
        public void OnInvalidation(InvalidationRecord record)
        {
            if (!wire.IsCut)
                subscriber.OnInvalidation(record);
        }

        public void OnMissed()
        {
            if (!wire.IsCut)
                subscriber.OnMissed();
        }
    }
}
