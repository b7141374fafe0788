using System.Buffers.Binary;
using Microsoft.Extensions.Caching.Distributed;

namespace ScaleKit.Caching;

/// <summary>
/// A random number in the distributed store that changes with every clear. Sequences of one log cannot judge entries of another, such as those that this
/// application wrote before its last restart; an entry that carries another mark than the store's was written before a clear.
/// </summary>
internal sealed class ClearMark(IDistributedCache store, string cacheName, CacheVersions versions)
{
    /// <summary>The mark could not be read. Equals no mark, itself included.</summary>
    public const long Unknown = -1;

    // Every user key begins with the cache's name and a colon, so this is none of them.
    private readonly string _key = cacheName + "#cleared";
    private Reading? _last;

    /// <summary>The present mark; 0 where the cache was never cleared. Asks the store once, and again after a clear was heard of.</summary>
    public async ValueTask<long> ReadAsync(CancellationToken cancellationToken)
    {
        // What is known of clears comes before the reading: a clear that is heard of meanwhile makes the reading void.
        var (generation, clearedAt) = (versions.Current.Generation, versions.ClearedAt);
        if (Volatile.Read(ref _last) is { } last && last.Generation == generation && last.ClearedAt == clearedAt)
            return last.Mark;
        try
        {
            var bytes = await store.GetAsync(_key, cancellationToken).ConfigureAwait(false);
            var mark = bytes is null ? 0 : bytes.Length == sizeof(long) ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : Unknown;
            Volatile.Write(ref _last, new Reading(generation, clearedAt, mark));
            return mark;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return Unknown;
        }
    }

    /// <summary>Changes the mark. Goes before the clear is appended to the log, so that who hears of the clear reads the new mark.</summary>
    public Task ChangeAsync(CancellationToken cancellationToken)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Random.Shared.NextInt64(1, long.MaxValue));
        var options = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = MonotonicClock.Longest };
        return store.SetAsync(_key, bytes, options, cancellationToken);
    }

    private sealed record Reading(int Generation, long ClearedAt, long Mark);
}
