using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>DEL of one key.</summary>
internal readonly struct DeleteCall(RedisName key) : IRedisCall<bool>
{
    public Task Send(IConnectionMultiplexer client) => client.GetDatabase().KeyDeleteAsync(key.Key, Primary.Only);

    public bool Read(Task completed) => ((Task<bool>)completed).Result;
}
