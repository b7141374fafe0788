using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>GET.</summary>
internal readonly struct GetCall(RedisName key) : IRedisCall<byte[]?>
{
    public Task Send(IConnectionMultiplexer client) => client.GetDatabase().StringGetAsync(key.Key, Primary.Only);

    public byte[]? Read(Task completed) => ((Task<RedisValue>)completed).Result;
}
