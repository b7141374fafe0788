using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>SET, with or without an expiry.</summary>
internal readonly struct SetCall(RedisName key, byte[] value, TimeSpan? expiry) : IRedisCall<bool>
{
    public Task Send(IConnectionMultiplexer client) =>
        client.GetDatabase().StringSetAsync(key.Key, value, expiry, When.Always, Primary.Only);

    public bool Read(Task completed) => ((Task<bool>)completed).Result;
}
