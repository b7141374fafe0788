using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;

namespace ScaleKit.Caching.Tests;

/// <summary>Short forms for tests.</summary>
internal static class Cached
{
    public static readonly HybridCacheEntryOptions NoLocal = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };

    public static TwoLevelCache New(
        IDistributedCache? distributed = null,
        IInvalidationBus? bus = null,
        TimeProvider? time = null,
        Action<TwoLevelCacheOptions>? configure = null,
        ILoggerFactory? log = null) =>
        On(distributed is null ? null : new DistributedCacheStore(distributed), bus, time, configure, log);

    public static TwoLevelCache On(
        ISharedStore? shared,
        IInvalidationBus? bus = null,
        TimeProvider? time = null,
        Action<TwoLevelCacheOptions>? configure = null,
        ILoggerFactory? log = null)
    {
        var options = new TwoLevelCacheOptions { JitterMaximum = TimeSpan.Zero };
        configure?.Invoke(options);
        return new TwoLevelCache(options, shared, bus, timeProvider: time, loggerFactory: log);
    }

    public static ValueTask<T> GetAsync<T>(this HybridCache cache, string key, T fresh, HybridCacheEntryOptions? options = null, params string[] tags) =>
        cache.GetOrCreateAsync(key, fresh, static (v, _) => ValueTask.FromResult(v), options, tags);
}
