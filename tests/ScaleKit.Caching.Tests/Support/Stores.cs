namespace ScaleKit.Caching.Tests;

/// <summary>Local stores and entries for tests.</summary>
internal static class Stores
{
    public static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static ILocalStore New(
        LocalStoreKind kind, long entries = 100, long bytes = long.MaxValue, TimeProvider? time = null, CachingMetrics? metrics = null)
    {
        var limits = new LocalLimits(entries, bytes);
        var clock = new MonotonicClock(time ?? TimeProvider.System);
        metrics ??= new CachingMetrics("store", null);
        return kind == LocalStoreKind.MemoryCache ? new MemoryCacheStore(limits, clock, metrics) : new S3FifoStore(limits, clock, metrics);
    }

    public static S3FifoStore S3Fifo(long entries = 100, long bytes = long.MaxValue, TimeProvider? time = null) =>
        (S3FifoStore)New(LocalStoreKind.S3Fifo, entries, bytes, time);

    public static LocalEntry<T> Entry<T>(T value) => new(value) { Version = 0, Generation = 0, ExpiresAt = 0, StaleUntil = 0, Tags = [] };

    /// <summary>An entry that counts about this many bytes.</summary>
    public static LocalEntry<byte[]> EntryOf(int bytes) =>
        new(new byte[bytes], new BytesCacheSerializer()) { Version = 0, Generation = 0, ExpiresAt = 0, StaleUntil = 0, Tags = [] };

    /// <summary>
    /// What must hold whenever no operation runs: the limits; the counts are those of what can be found under <paramref name="keys"/>, which must be all keys ever
    /// used; every entry stands in exactly one queue, and no queue holds anything else.
    /// </summary>
    public static void AssertWhole(this S3FifoStore store, IEnumerable<string> keys, LocalLimits limits)
    {
        var held = keys.Select(k => (Key: k, Entry: store.Find(k))).Where(f => f.Entry is not null).ToList();
        Assert.InRange(store.Count, 0, limits.Entries);
        Assert.InRange(store.Bytes, 0, limits.Bytes);
        Assert.Equal(store.Count, held.Count);
        Assert.Equal(store.Bytes, held.Sum(f => EntrySize.Of(f.Key, f.Entry!)));
        Assert.All(held, f => Assert.Equal(f.Key, f.Entry!.Key));
        var queued = new HashSet<LocalEntry>();
        foreach (var queue in held.Select(f => f.Entry!.Queue!).Distinct())
        {
            for (var entry = queue.Oldest; entry is not null; entry = entry.Newer)
            {
                Assert.Same(queue, entry.Queue);
                Assert.True(queued.Add(entry), "an entry is queued twice");
            }
        }

        Assert.True(queued.SetEquals(held.Select(f => f.Entry!)), "the queues hold something else than the dictionary");
    }
}
