using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace ScaleKit.Caching.Tests;

/// <summary>The same store with the buffer interface.</summary>
internal sealed class BufferStore : MemoryStore, IBufferDistributedCache
{
    public int BufferReads;
    public int BufferWrites;

    public bool TryGet(string key, IBufferWriter<byte> destination) => throw new NotSupportedException("Synchronous access.");

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) => throw new NotSupportedException("Synchronous access.");

    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        Interlocked.Increment(ref BufferReads);
        if (await GetAsync(key, token) is not { } bytes)
            return false;
        destination.Write(bytes);
        return true;
    }

    public async ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        Interlocked.Increment(ref BufferWrites);
        await SetAsync(key, value.ToArray(), options, token);
    }
}
