using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>
/// SUBSCRIBE of one listener on the present connection, unless that connection holds it already. Used by one caller at a time.
/// </summary>
internal sealed class SubscribeCall(RedisName channel, Action<byte[]> arrived) : IRedisCall<bool>
{
    // One delegate for all its life: the client takes a listener off by its delegate.
    private readonly Action<RedisChannel, RedisValue> _handler = (_, message) => arrived((byte[]?)message ?? []);
    private IConnectionMultiplexer? _holder;
    private bool _stale;

    /// <summary>Makes the next call subscribe anew, although the client believes that it is subscribed.</summary>
    public void Distrust() => _stale = true;

    public async Task Send(IConnectionMultiplexer client)
    {
        if (_holder == client && !_stale)
        {
            return;
        }

        if (_holder == client)
        {
            await client.GetSubscriber().UnsubscribeAsync(channel.Channel, _handler).ConfigureAwait(false);
        }

        await client.GetSubscriber().SubscribeAsync(channel.Channel, _handler).ConfigureAwait(false);
        (_holder, _stale) = (client, false);
    }

    public bool Read(Task completed) => true;

    /// <summary>UNSUBSCRIBE, as far as the client still can; nobody waits for it.</summary>
    public void Leave()
    {
        if (_holder is { } client)
        {
            Late.Observe(Task.Run(() => client.GetSubscriber().UnsubscribeAsync(channel.Channel, _handler)));
        }
    }
}
