using System.Collections.Concurrent;

namespace ScaleKit.Caching;

/// <summary>
/// The memory level with the eviction policy S3-FIFO of Yang, Zhang, Qiu, Yue and Rashmi, "FIFO Queues are All You Need for Cache Eviction", SOSP 2023
/// (doi 10.1145/3600006.3613147). New entries enter a small queue, a tenth of the store; who was hit twice there moves on to the main queue, the others leave early and only
/// their hashes stay for a while; who comes back while its hash is there enters the main queue. So one scan passes through the tenth and leaves the rest alone.
/// <para>
/// A look-up takes no lock and writes nothing but a counter that saturates at <see cref="MaximumFrequency"/>. All changes are under one lock. Whenever it is free, the
/// dictionary and the two queues hold the same entries and both limits hold.
/// </para>
/// <para>
/// Making room is amortised O(1): an entry moves from the small queue to the main one once in its life there, and after <see cref="Patience"/> second chances in
/// the main queue for one eviction the next entry goes whatever its frequency, so that no caller pays for a queue full of hits. Other differences from the paper: an
/// update keeps the frequency and enters its queue anew; an expired entry that is met goes first.
/// </para>
/// </summary>
internal sealed class S3FifoStore : ILocalStore
{
    public const int MaximumFrequency = 3;
    public const int Patience = 128;
    private const int PromotedFrom = 2;
    private const int SmallShare = 10;
    private readonly Lock _gate = new();

    // No comparer of our own on purpose: with this one the dictionary starts with a fast hash of strings and changes to the randomized one when a chain grows long.
    private readonly ConcurrentDictionary<string, LocalEntry> _entries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LocalEntry>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly EntryQueue _small = new();
    private readonly EntryQueue _main = new();
    private readonly GhostTable _ghosts = new();
    private readonly LocalLimits _limits;
    private readonly MonotonicClock _clock;
    private readonly CachingMetrics _metrics;
    private readonly StoreSweeper _sweeper;

    public S3FifoStore(LocalLimits limits, MonotonicClock clock, CachingMetrics metrics)
    {
        _limits = limits;
        _clock = clock;
        _metrics = metrics;
        _bySpan = _entries.GetAlternateLookup<ReadOnlySpan<char>>();
        _sweeper = new StoreSweeper(this, clock.Time);
    }

    public long Count => _small.Count + _main.Count;

    public long Bytes => _small.Bytes + _main.Bytes;

    public LocalEntry? Find(string key)
    {
        if (!_entries.TryGetValue(key, out var entry))
            return null;
        Touch(entry);
        return entry;
    }

    public LocalEntry? Find(ReadOnlySpan<char> key)
    {
        if (!_bySpan.TryGetValue(key, out var entry))
            return null;
        Touch(entry);
        return entry;
    }

    public void Set(string key, LocalEntry entry, TimeSpan lifetime)
    {
        if (entry.Key.Length > 0)
            throw new InvalidOperationException("The entry was given to a store before.");
        var now = _clock.Now;
        entry.Key = key;
        entry.Bytes = EntrySize.Of(key, entry);
        entry.DropAt = _clock.After(now, lifetime);
        var evicted = default(Evicted);
        lock (_gate)
        {
            var present = _entries.GetValueOrDefault(key);
            if (entry.Bytes > _limits.Bytes)
            {
                evicted.Oversized++;
                if (present is not null)
                    DropNeedsLock(present);
            }
            else if (present is not null)
            {
                ReplaceNeedsLock(present, entry, now, ref evicted);
            }
            else
            {
                MakeRoomNeedsLock(entry, now, ref evicted);
                (_ghosts.Remove(key.GetHashCode(StringComparison.Ordinal), GhostWindow) ? _main : _small).Push(entry);
                _entries[key] = entry;
            }
        }

        _metrics.Evicted(evicted);
    }

    public void Remove(string key)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var entry))
                DropNeedsLock(entry);
        }
    }

    public void Clear()
    {
        // The ghosts stay: they hold no values, and the same keys are likely to come back.
        lock (_gate)
        {
            _entries.Clear();
            _small.Clear();
            _main.Clear();
        }
    }

    public void Sweep()
    {
        // The enumeration takes no lock and may miss what is added meanwhile; only a removal needs the lock, for a moment each.
        var now = _clock.Now;
        var evicted = default(Evicted);
        foreach (var (key, entry) in _entries)
        {
            if (entry.DropAt > now)
                continue;
            lock (_gate)
            {
                if (_entries.TryGetValue(key, out var present) && ReferenceEquals(present, entry))
                {
                    DropNeedsLock(entry);
                    evicted.Expired++;
                }
            }
        }

        _metrics.Evicted(evicted);
    }

    public void Dispose()
    {
        _sweeper.Dispose();
        Clear();
    }

    private static void Touch(LocalEntry entry)
    {
        // Most hits write nothing: the counter of what is in use is full, and its cache line stays shared between the cores.
        var frequency = entry.Frequency;
        if (frequency < MaximumFrequency)
            entry.Frequency = (byte)(frequency + 1);
    }

    private long GhostWindow => Math.Max(1, Count - (Count / SmallShare));

    private void ReplaceNeedsLock(LocalEntry present, LocalEntry entry, long now, ref Evicted evicted)
    {
        // Out of its queue before room is made, so that it is not evicted itself; readers find it in the dictionary until the new one stands there.
        var queue = present.Queue!;
        queue.Take(present);
        entry.Frequency = present.Frequency;
        MakeRoomNeedsLock(entry, now, ref evicted);
        queue.Push(entry);
        _entries[entry.Key] = entry;
    }

    private void MakeRoomNeedsLock(LocalEntry entry, long now, ref Evicted evicted)
    {
        while (Count >= _limits.Entries)
            EvictNeedsLock(_small.Count * SmallShare >= Count, now, byBytes: false, ref evicted);
        while (Bytes > _limits.Bytes - entry.Bytes)
            EvictNeedsLock(_small.Bytes * SmallShare >= Bytes, now, byBytes: true, ref evicted);
    }

    private void EvictNeedsLock(bool fromSmall, long now, bool byBytes, ref Evicted evicted)
    {
        for (var chances = Patience; ;)
        {
            var isSmall = _main.Oldest is null || (fromSmall && _small.Oldest is not null);
            var entry = (isSmall ? _small : _main).Oldest!;
            var isExpired = entry.DropAt <= now;
            if (isExpired || (isSmall ? entry.Frequency < PromotedFrom : chances-- == 0 || entry.Frequency == 0))
            {
                DropNeedsLock(entry);
                if (isExpired)
                    evicted.Expired++;
                else if (byBytes)
                    evicted.ByBytes++;
                else
                    evicted.ByEntries++;
                if (isSmall && !isExpired)
                    _ghosts.Add(entry.Key.GetHashCode(StringComparison.Ordinal), GhostWindow);
                return;
            }

            entry.Queue!.Take(entry);
            entry.Frequency = isSmall ? (byte)0 : (byte)(entry.Frequency - 1);
            _main.Push(entry);
        }
    }

    private void DropNeedsLock(LocalEntry entry)
    {
        entry.Queue!.Take(entry);
        _entries.TryRemove(entry.Key, out _);
    }
}
