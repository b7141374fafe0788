using System.Collections.Concurrent;

namespace ScaleKit.Caching;

/// <summary>
/// The last invalidation of each name, bounded by number and by bytes: two pages, of which the older one is dropped when the newer one is full. <see cref="Floor"/> is
/// the highest sequence that may have been dropped. One writer at a time, any number of readers.
/// </summary>
internal sealed class VersionTable(int capacity, long floor = 0)
{
    /// <summary>The most bytes of the names on one page; names come from users, and 65,536 of the longest would be 2 GiB.</summary>
    public const int PageBytes = 8 * 1024 * 1024;

    private readonly int _pageSize = Math.Max(1, capacity / 2);
    private Pages _pages = new([], [], floor, floor);
    private int _count;
    private long _bytes;
    private long _highest = floor;

    /// <summary>Invalidations up to this sequence may be forgotten.</summary>
    public long Floor => Volatile.Read(ref _pages).Floor;

    /// <summary>The sequence of the last known invalidation of <paramref name="name"/>, or 0.</summary>
    public long Find(string name)
    {
        var pages = Volatile.Read(ref _pages);
        return pages.Newer.TryGetValue(name, out var sequence) || pages.Older.TryGetValue(name, out sequence) ? sequence : 0;
    }

    /// <summary>Notes an invalidation; an older one than is known changes nothing.</summary>
    public void Advance(string name, long sequence)
    {
        if (Find(name) >= sequence)
            return;
        if (!_pages.Newer.ContainsKey(name))
        {
            _count++;
            _bytes += name.Length * sizeof(char);
        }

        if (_count > _pageSize || _bytes > PageBytes)
        {
            // One reference swap: a reader sees the old pages with the old floor or the new pages with the new floor, never a mixture that forgets.
            Volatile.Write(ref _pages, new Pages([], _pages.Newer, _pages.HighestOfOlder, _highest));
            (_count, _bytes) = (1, name.Length * sizeof(char));
        }

        _highest = Math.Max(_highest, sequence);
        _pages.Newer[name] = sequence;
    }

    /// <summary>What is remembered, in no order.</summary>
    public IEnumerable<KeyValuePair<string, long>> Entries()
    {
        var pages = _pages;
        return pages.Newer.Concat(pages.Older.Where(e => !pages.Newer.ContainsKey(e.Key)));
    }

    private sealed record Pages(
        ConcurrentDictionary<string, long> Newer,
        ConcurrentDictionary<string, long> Older,
        long Floor,
        long HighestOfOlder);
}
