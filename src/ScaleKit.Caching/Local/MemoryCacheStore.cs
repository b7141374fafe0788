using Microsoft.Extensions.Caching.Memory;

namespace ScaleKit.Caching;

/// <summary>
/// The memory level in a <see cref="MemoryCache"/>: least recently used entries go first. It has one limit where we have two, so every entry counts its bytes, but at
/// least an equal share of the byte limit: then neither limit can be passed. Without a byte limit every entry counts one.
/// </summary>
internal sealed class MemoryCacheStore : ILocalStore
{
    private const double Share = 0.05;
    private readonly CachingMetrics _metrics;
    private readonly MemoryCache _memory;
    private readonly PostEvictionDelegate _onEvicted;
    private readonly StoreSweeper _sweeper;
    private readonly LocalLimits _limits;
    private readonly bool _countsBytes;
    private readonly long _least;
    private readonly double _share;

    public MemoryCacheStore(LocalLimits limits, MonotonicClock clock, CachingMetrics metrics)
    {
        _limits = limits;
        _metrics = metrics;
        _countsBytes = limits.Bytes != long.MaxValue;
        _least = _countsBytes ? (limits.Bytes / limits.Entries) + (limits.Bytes % limits.Entries == 0 ? 0 : 1) : 1;

        // A small store frees at least one entry.
        _share = Math.Clamp(1.0 / limits.Entries, Share, 1);
        _memory = new MemoryCache(
            new MemoryCacheOptions { SizeLimit = _countsBytes ? limits.Bytes : limits.Entries, CompactionPercentage = _share, Clock = clock, TrackStatistics = true });
        _onEvicted = (_, _, reason, _) => OnEvicted(reason);
        _sweeper = new StoreSweeper(this, clock.Time);
    }

    public long Count => _memory.Count;

    /// <summary>What the entries were counted with; 0 without a byte limit, because nothing is counted then.</summary>
    public long Bytes => _countsBytes ? Used : 0;

    private long Used => _memory.GetCurrentStatistics()?.CurrentEstimatedSize ?? 0;

    public LocalEntry? Find(string key) => _memory.TryGetValue((object)key, out var value) ? value as LocalEntry : null;

    public LocalEntry? Find(ReadOnlySpan<char> key) => _memory.TryGetValue(key, out var value) ? value as LocalEntry : null;

    public void Set(string key, LocalEntry entry, TimeSpan lifetime)
    {
        var bytes = EntrySize.Of(key, entry);
        if (bytes > _limits.Bytes)
        {
            _memory.Remove(key);
            _metrics.Evicted(new Evicted { Oversized = 1 });
            return;
        }

        // A full MemoryCache refuses the entry that comes, which would freeze the cache on the keys of its first minutes, and then makes room in the background, where it
        // may take the entry that was offered once more meanwhile. So room is made before it is asked.
        entry.Key = key;
        entry.Bytes = _countsBytes ? Math.Max(bytes, _least) : 1;
        for (var share = _share; !(HasRoomFor(key, entry) && TryAdd(key, entry, lifetime)) && share < 2; share *= 2)
            _memory.Compact(Math.Min(share, 1));
    }

    public void Remove(string key) => _memory.Remove(key);

    public void Clear() => _memory.Clear();

    /// <summary>A compaction of nothing still drops what has expired.</summary>
    public void Sweep() => _memory.Compact(0);

    public void Dispose()
    {
        _sweeper.Dispose();
        _memory.Dispose();
    }

    private bool HasRoomFor(string key, LocalEntry entry) =>
        Used + entry.Bytes - (Find(key)?.Bytes ?? 0) <= (_countsBytes ? _limits.Bytes : _limits.Entries);

    private bool TryAdd(string key, LocalEntry entry, TimeSpan lifetime)
    {
        using (var created = _memory.CreateEntry(key))
        {
            created.Value = entry;
            created.Size = entry.Bytes;
            created.AbsoluteExpirationRelativeToNow = MonotonicClock.Clamp(lifetime);

            // Each callback is a work item of the thread pool: only where somebody counts.
            if (_metrics.CountsEvictions)
                created.RegisterPostEvictionCallback(_onEvicted);
        }

        return _memory.TryGetValue((object)key, out _);
    }

    private void OnEvicted(EvictionReason reason)
    {
        // It does not tell which of the two bounds was met.
        if (reason == EvictionReason.Capacity)
            _metrics.Evicted(new Evicted { ByEntries = 1 });
        else if (reason == EvictionReason.Expired)
            _metrics.Evicted(new Evicted { Expired = 1 });
    }
}
