using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Distributed;

namespace ScaleKit.Caching.Tests;

/// <summary>A distributed cache in memory that a test can look into, fail and pause. It forgets nothing by itself.</summary>
internal class MemoryStore : IDistributedCache
{
    public ConcurrentDictionary<string, byte[]> Values { get; } = new();

    public ConcurrentDictionary<string, TimeSpan?> Lifetimes { get; } = new();

    public int Reads;
    public int Writes;

    public Func<string, Task>? BeforeRead { get; set; }

    public Func<string, Task>? BeforeWrite { get; set; }

    public byte[]? Get(string key) => throw new NotSupportedException("Synchronous access.");

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException("Synchronous access.");

    public void Refresh(string key) => throw new NotSupportedException("Not used.");

    public void Remove(string key) => throw new NotSupportedException("Synchronous access.");

    public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException("Not used.");

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        if (!key.EndsWith("#cleared", StringComparison.Ordinal))
            Interlocked.Increment(ref Reads);
        if (BeforeRead is { } hook)
            await hook(key);
        return Values.GetValueOrDefault(key);
    }

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        Interlocked.Increment(ref Writes);
        if (BeforeWrite is { } hook)
            await hook(key);
        Values[key] = value;
        Lifetimes[key] = options.AbsoluteExpirationRelativeToNow;
    }

    public Task RemoveAsync(string key, CancellationToken token = default)
    {
        Values.TryRemove(key, out _);
        return Task.CompletedTask;
    }
}
