using ScaleKit.Caching;

namespace ScaleKit.Analysis.Caching;

/// <summary>A bus that tells when its cache has taken a record in: from then on the cache serves nothing that the record voids.</summary>
internal sealed class HeardBus(IInvalidationBus bus) : IInvalidationBus
{
    private TaskCompletionSource<long> _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool NeedsHeartbeat => bus.NeedsHeartbeat;

    /// <summary>Completes with the timestamp of the next record.</summary>
    public Task<long> NextAsync()
    {
        var next = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _heard, next);
        return next.Task;
    }

    public ValueTask<InvalidationPosition> AppendAsync(Invalidation invalidation, CancellationToken cancellationToken = default) =>
        bus.AppendAsync(invalidation, cancellationToken);

    public ValueTask<InvalidationBatch> ReadFromAsync(string cache, InvalidationPosition after, CancellationToken cancellationToken = default) =>
        bus.ReadFromAsync(cache, after, cancellationToken);

    public IDisposable Subscribe(string cache, IInvalidationSubscriber subscriber) => bus.Subscribe(cache, new Ear(this, subscriber));

    private sealed class Ear(HeardBus bus, IInvalidationSubscriber subscriber) : IInvalidationSubscriber
    {
        public void OnInvalidation(InvalidationRecord record)
        {
            subscriber.OnInvalidation(record);
            Volatile.Read(ref bus._heard).TrySetResult(TimeProvider.System.GetTimestamp());
        }

        public void OnMissed() => subscriber.OnMissed();
    }
}
