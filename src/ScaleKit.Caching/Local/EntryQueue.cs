namespace ScaleKit.Caching;

/// <summary>
/// Entries in the order in which they came, linked through themselves. Every operation is O(1) and takes exactly one entry in or out, so a replaced or removed entry
/// leaves nothing behind that could later evict its successor. Under the store's lock.
/// </summary>
internal sealed class EntryQueue
{
    private LocalEntry? _newest;

    public LocalEntry? Oldest { get; private set; }

    public long Count { get; private set; }

    public long Bytes { get; private set; }

    public void Push(LocalEntry entry)
    {
        entry.Queue = this;
        entry.Older = _newest;
        entry.Newer = null;
        if (_newest is null)
            Oldest = entry;
        else
            _newest.Newer = entry;
        _newest = entry;
        Count++;
        Bytes += entry.Bytes;
    }

    public void Take(LocalEntry entry)
    {
        if (entry.Newer is null)
            _newest = entry.Older;
        else
            entry.Newer.Older = entry.Older;
        if (entry.Older is null)
            Oldest = entry.Newer;
        else
            entry.Older.Newer = entry.Newer;

        // A removed entry that a reader still holds must not hold its old neighbours.
        entry.Newer = entry.Older = null;
        entry.Queue = null;
        Count--;
        Bytes -= entry.Bytes;
    }

    /// <summary>Forgets all entries at once; they stay linked to each other and to nobody else.</summary>
    public void Clear()
    {
        _newest = Oldest = null;
        Count = Bytes = 0;
    }
}
