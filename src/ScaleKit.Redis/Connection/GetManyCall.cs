using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>MGET of keys that need not lie in one slot; on a cluster, which would refuse that, a GET for each key.</summary>
internal readonly struct GetManyCall(RedisKeys keys) : IRedisCall<byte[]?[]>
{
    public Task Send(IConnectionMultiplexer client)
    {
        var database = client.GetDatabase();
        return IsCluster(client)
            ? Task.WhenAll(Array.ConvertAll(keys.Values, key => database.StringGetAsync(key, Primary.Only)))
            : database.StringGetAsync(keys.Values, Primary.Only);
    }

    public byte[]?[] Read(Task completed) => Array.ConvertAll(((Task<RedisValue[]>)completed).Result, value => (byte[]?)value);

    // Asked each time: what the servers are is known only after the first connection, and can change with the next.
    private static bool IsCluster(IConnectionMultiplexer client) =>
        Array.Exists(client.GetEndPoints(), endPoint => client.GetServer(endPoint).ServerType is ServerType.Cluster);
}
