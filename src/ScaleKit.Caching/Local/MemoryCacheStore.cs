using Microsoft.Extensions.Caching.Memory;

namespace ScaleKit.Caching;

/// <summary>The memory level in a <see cref="MemoryCache"/>: least recently used entries go first. Every entry counts one.</summary>
internal sealed class MemoryCacheStore : ILocalStore
{
    private const double Share = 0.05;
    private const int Attempts = 3;
    private readonly MonotonicClock _clock;
    private readonly MemoryCache _memory;
    private readonly double _share;

    public MemoryCacheStore(long sizeLimit, MonotonicClock clock)
    {
        _clock = clock;

        // A small store frees at least one entry.
        _share = Math.Max(Share, 1.0 / sizeLimit);
        _memory = new MemoryCache(new MemoryCacheOptions { SizeLimit = sizeLimit, CompactionPercentage = Math.Min(_share, 1), Clock = clock });
    }

    public int Count => _memory.Count;

    public bool TryGet(string key, out LocalEntry? entry)
    {
        var found = _memory.TryGetValue((object)key, out var value);
        entry = value as LocalEntry;
        return found;
    }

    public bool TryGet(ReadOnlySpan<char> key, out LocalEntry? entry)
    {
        var found = _memory.TryGetValue(key, out var value);
        entry = value as LocalEntry;
        return found;
    }

    public void Set(string key, LocalEntry entry, TimeSpan lifetime)
    {
        // A full MemoryCache refuses the entry that comes, which would freeze the cache on the keys of its first minutes: make room and offer it again.
        // The newest entry must also look like the newest, or the next compaction might take it.
        _clock.Refresh();
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            using (var created = _memory.CreateEntry(key))
            {
                created.Value = entry;
                created.Size = 1;
                created.AbsoluteExpirationRelativeToNow = MonotonicClock.Clamp(lifetime);
            }

            if (_memory.TryGetValue((object)key, out _))
                return;
            _memory.Compact(_share);
        }
    }

    public void Remove(string key) => _memory.Remove(key);

    public void Clear() => _memory.Clear();

    public void Dispose() => _memory.Dispose();
}
