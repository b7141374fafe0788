using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Caching;

/// <summary>What many keys at once cost the server.</summary>
public sealed class RedisCacheBatchTests
{
    private const int Keys = 100;

    [Fact]
    public async Task GetOrCreateManyAsync_AllInTheSharedLevel_IsOneCommand()
    {
        await using var server = await RedisServer.StartAsync();
        await using var a = new CacheNode(server.ConnectionString);
        await using var b = new CacheNode(server.ConnectionString);
        await a.ReadyAsync();
        await b.ReadyAsync();
        string[] keys = [.. Enumerable.Range(0, Keys).Select(i => $"k{i}")];
        await a.Cache.GetOrCreateManyAsync(keys, (missing, _) => Made(missing, "old"));
        await server.CommandAsync("CONFIG", "RESETSTAT");

        var values = await b.Cache.GetOrCreateManyAsync(keys, (missing, _) => Made(missing, "new"));

        Assert.Equal(Enumerable.Repeat("old", Keys), values.Values);
        var commands = (await server.CommandAsync("INFO", "commandstats")).Split("\r\n");
        Assert.Contains(commands, c => c.StartsWith("cmdstat_mget:calls=1,", StringComparison.Ordinal));
        Assert.DoesNotContain(commands, c => c.StartsWith("cmdstat_get:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task GetOrCreateManyAsync_OnACluster_FindsTheKeysOfEveryMaster()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var a = new CacheNode(cluster.ConnectionString);
        await using var b = new CacheNode(cluster.ConnectionString);
        await a.ReadyAsync();
        await b.ReadyAsync();
        string[] keys = [.. Enumerable.Range(0, Keys).Select(i => $"k{i}")];
        await a.Cache.GetOrCreateManyAsync(keys, (missing, _) => Made(missing, "old"));

        var values = await b.Cache.GetOrCreateManyAsync(keys, (missing, _) => Made(missing, "new"));

        Assert.Equal(Enumerable.Repeat("old", Keys), values.Values);
    }

    private static ValueTask<IReadOnlyDictionary<string, string>> Made(IReadOnlyList<string> keys, string value) =>
        new(keys.ToDictionary(k => k, _ => value));
}
