using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace ScaleKit.Caching;

/// <summary>The distributed level: any <see cref="IDistributedCache"/>, by buffers where it is an <see cref="IBufferDistributedCache"/>. Lets the store's exceptions through.</summary>
internal sealed class DistributedLevel(IDistributedCache store, string cacheName, CacheVersions versions)
{
    private readonly IBufferDistributedCache? _buffers = store as IBufferDistributedCache;

    public ClearMark Cleared { get; } = new(store, cacheName, versions);

    /// <summary>The key under which the store holds it. A cache name has no colon, so no two caches share one.</summary>
    public string KeyOf(string key) => $"{cacheName}:{key}";

    /// <summary>Reads the bytes of a key into <paramref name="target"/>.</summary>
    public async ValueTask<bool> TryReadAsync(string key, PooledBuffer target, CancellationToken cancellationToken)
    {
        if (_buffers is not null)
            return await _buffers.TryGetAsync(KeyOf(key), target, cancellationToken).ConfigureAwait(false);
        var bytes = await store.GetAsync(KeyOf(key), cancellationToken).ConfigureAwait(false);
        if (bytes is null)
            return false;
        target.Write(bytes);
        return true;
    }

    public ValueTask WriteAsync(string key, ReadOnlyMemory<byte> bytes, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var options = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = MonotonicClock.Clamp(lifetime) };
        return _buffers is not null
            ? _buffers.SetAsync(KeyOf(key), new ReadOnlySequence<byte>(bytes), options, cancellationToken)
            : new ValueTask(store.SetAsync(KeyOf(key), bytes.ToArray(), options, cancellationToken));
    }

    public Task RemoveAsync(string key, CancellationToken cancellationToken) => store.RemoveAsync(KeyOf(key), cancellationToken);
}
