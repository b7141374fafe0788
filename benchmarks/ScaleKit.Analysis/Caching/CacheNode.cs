using Microsoft.Extensions.Caching.Hybrid;
using ScaleKit.Caching;
using ScaleKit.Redis;

namespace ScaleKit.Analysis.Caching;

/// <summary>One node of a fleet: a connection, a bus and a cache of its own.</summary>
internal sealed class CacheNode : IAsyncDisposable
{
    public static readonly HybridCacheEntryOptions SharedOnly = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };
    private static readonly HybridCacheEntryOptions MemoryOnly = new() { Flags = HybridCacheEntryFlags.DisableDistributedCache | HybridCacheEntryFlags.DisableUnderlyingData };
    private readonly RedisConnection _connection;

    /// <summary>Connects; a call may take long, because a busy machine is no failure here.</summary>
    public CacheNode(string endPoint, TimeSpan maxStaleness)
    {
        _connection = new RedisConnection(new RedisOptions { ConnectionString = endPoint, KeyPrefix = "scalekit-analysis", CallTimeout = TimeSpan.FromSeconds(10) });
        Bus = new HeardBus(new RedisInvalidationBus(_connection));
        Cache = new TwoLevelCache(
            new TwoLevelCacheOptions { MaxStaleness = maxStaleness, HeartbeatInterval = maxStaleness / 4, JitterMaximum = TimeSpan.Zero },
            new RedisSharedStore(_connection),
            Bus);
    }

    public HeardBus Bus { get; }

    public TwoLevelCache Cache { get; }

    /// <summary>What any level holds, or else <paramref name="fresh"/>.</summary>
    public async Task<string> GetAsync(string key, string fresh) => await Cache.GetOrCreateAsync(key, fresh, static (value, _) => ValueTask.FromResult(value));

    /// <summary>What memory alone may serve at this moment.</summary>
    public async ValueTask<string?> FromMemoryAsync(string key) => await Cache.GetOrCreateAsync(key, static _ => ValueTask.FromResult<string?>(null), MemoryOnly);

    /// <summary>Waits until memory serves a key again, and fills it as often as that takes.</summary>
    public async Task UntilInMemoryAsync(string key)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (await FromMemoryAsync(key) is null)
        {
            await GetAsync(key, "value");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, deadline.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Cache.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
