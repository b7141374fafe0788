namespace ScaleKit.Redis;

/// <summary>
/// Takes the messages of one channel. Both methods are called one at a time, in order, never together. An exception from
/// <see cref="OnMessageAsync"/> is logged and the next message follows; an exception from <see cref="OnRestoredAsync"/> repeats it.
/// </summary>
internal interface IRedisListener
{
    /// <summary>A message came.</summary>
    ValueTask OnMessageAsync(byte[] message, CancellationToken cancellationToken);

    /// <summary>
    /// From here on the line is proven: first of all when the subscription stands, then after each time that messages may have been
    /// missed (line lost, queue full). Whatever was published before this call must be read from the store; whatever is published after
    /// it arrives as a message, or this is called again.
    /// </summary>
    ValueTask OnRestoredAsync(CancellationToken cancellationToken);
}
