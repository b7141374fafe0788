using Microsoft.Extensions.Caching.Hybrid;
using ScaleKit.Caching;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Caching;

/// <summary>One node of a fleet: a connection, a bus and a cache of its own.</summary>
internal sealed class CacheNode : IAsyncDisposable
{
    public static readonly HybridCacheEntryOptions SharedOnly = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };

    public CacheNode(string connectionString, Action<TwoLevelCacheOptions>? configure = null, TimeProvider? clock = null, int logCapacity = 4096)
    {
        Connection = Connect.To(connectionString, o =>
        {
            o.CallTimeout = TimeSpan.FromSeconds(2);
            o.BreakerPause = TimeSpan.FromSeconds(0.5);
        });
        Bus = new DeafBus(new RedisInvalidationBus(Connection, logCapacity));
        var options = new TwoLevelCacheOptions
        {
            Expiration = TimeSpan.FromHours(1),
            JitterMaximum = TimeSpan.Zero,
            HeartbeatInterval = TimeSpan.FromMilliseconds(100),
            MaxStaleness = TimeSpan.FromSeconds(20),
        };
        configure?.Invoke(options);
        Cache = new TwoLevelCache(options, new RedisSharedStore(Connection), Bus, timeProvider: clock);
    }

    public RedisConnection Connection { get; }

    public DeafBus Bus { get; }

    public TwoLevelCache Cache { get; }

    /// <summary>Waits until the node is in step with the log and reaches the shared level: before that it caches nothing there, and a test would prove nothing.</summary>
    public Task ReadyAsync() => Eventually.HoldsAsync(
        async () => await GetAsync("ready", "1", SharedOnly) == await GetAsync("ready", "2", SharedOnly), "the node is in step");

    /// <summary>The cached value, or <paramref name="fresh"/>, which is cached then.</summary>
    public Task<string> GetAsync(string key, string fresh, HybridCacheEntryOptions? options = null, params string[] tags) =>
        Cache.GetOrCreateAsync(key, fresh, static (v, _) => ValueTask.FromResult(v), options, tags).AsTask();

    public async ValueTask DisposeAsync()
    {
        await Cache.DisposeAsync();
        await Connection.DisposeAsync();
    }

    /// <summary>A bus whose subscribers hear nothing while <see cref="IsDeaf"/> holds, though the log can be written and read.</summary>
    internal sealed class DeafBus(IInvalidationBus inner) : IInvalidationBus
    {
        public volatile bool IsDeaf;
        public volatile bool IsUnreadable;
        public volatile bool LosesRecords;

        public bool NeedsHeartbeat => inner.NeedsHeartbeat;

        public ValueTask<InvalidationPosition> AppendAsync(Invalidation invalidation, CancellationToken cancellationToken = default) =>
            inner.AppendAsync(invalidation, cancellationToken);

        public ValueTask<InvalidationBatch> ReadFromAsync(string cache, InvalidationPosition after, CancellationToken cancellationToken = default) =>
            IsUnreadable ? throw new IOException("cut off") : inner.ReadFromAsync(cache, after, cancellationToken);

        public IDisposable Subscribe(string cache, IInvalidationSubscriber subscriber) => inner.Subscribe(cache, new Ear(this, subscriber));

        private sealed class Ear(DeafBus bus, IInvalidationSubscriber subscriber) : IInvalidationSubscriber
        {
            public void OnInvalidation(InvalidationRecord record)
            {
                if (!bus.IsDeaf && !bus.LosesRecords)
                    subscriber.OnInvalidation(record);
            }

            public void OnMissed()
            {
                if (!bus.IsDeaf)
                    subscriber.OnMissed();
            }
        }
    }
}
