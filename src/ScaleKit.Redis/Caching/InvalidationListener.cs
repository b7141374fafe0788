using ScaleKit.Caching;

namespace ScaleKit.Redis;

/// <summary>Turns the messages of a channel into records for one cache.</summary>
internal sealed class InvalidationListener(string cache, IInvalidationSubscriber subscriber) : IRedisListener
{
    private volatile bool _hasLeft;

    /// <summary>Says nothing more from here on: the server takes a moment to forget a subscription.</summary>
    public void Leave() => _hasLeft = true;

    public ValueTask OnMessageAsync(byte[] message, CancellationToken cancellationToken)
    {
        if (_hasLeft)
            return ValueTask.CompletedTask;

        // What cannot be read may have been a record: the log tells.
        if (InvalidationCodec.TryDecode(cache, message, out var record))
            subscriber.OnInvalidation(record);
        else
            subscriber.OnMissed();
        return ValueTask.CompletedTask;
    }

    public ValueTask OnRestoredAsync(CancellationToken cancellationToken)
    {
        if (!_hasLeft)
            subscriber.OnMissed();
        return ValueTask.CompletedTask;
    }
}
