using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>PUBLISH.</summary>
internal readonly struct PublishCall(RedisName channel, byte[] payload) : IRedisCall<long>
{
    public Task Send(IConnectionMultiplexer client) => client.GetSubscriber().PublishAsync(channel.Channel, payload, Primary.Only);

    public long Read(Task completed) => ((Task<long>)completed).Result;
}
