using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>MGET of keys that need not lie in one slot; on a cluster, which would refuse that, a GET for each key.</summary>
internal readonly struct GetManyCall(RedisKeys keys, Topology topology) : IRedisCall<byte[]?[]>
{
    public Task Send(IConnectionMultiplexer client)
    {
        var database = client.GetDatabase();
        return topology.IsCluster
            ? Task.WhenAll(Array.ConvertAll(keys.Values, key => database.StringGetAsync(key, Primary.Only)))
            : database.StringGetAsync(keys.Values, Primary.Only);
    }

    public byte[]?[] Read(Task completed) => Array.ConvertAll(((Task<RedisValue[]>)completed).Result, value => (byte[]?)value);
}
