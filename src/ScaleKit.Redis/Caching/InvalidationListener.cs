using ScaleKit.Caching;

namespace ScaleKit.Redis;

/// <summary>Turns the messages of a channel into records for one cache.</summary>
internal sealed class InvalidationListener(string cache, IInvalidationSubscriber subscriber) : IRedisListener
{
    public ValueTask OnMessageAsync(byte[] message, CancellationToken cancellationToken)
    {
        // What cannot be read may have been a record: the log tells.
        if (InvalidationCodec.TryDecode(cache, message, out var record))
            subscriber.OnInvalidation(record);
        else
            subscriber.OnMissed();
        return ValueTask.CompletedTask;
    }

    public ValueTask OnRestoredAsync(CancellationToken cancellationToken)
    {
        subscriber.OnMissed();
        return ValueTask.CompletedTask;
    }
}
