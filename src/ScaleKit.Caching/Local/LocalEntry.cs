namespace ScaleKit.Caching;

/// <summary>A value in the memory level with what is needed to judge it, and its place in the store that holds it.</summary>
internal abstract class LocalEntry
{
    private long _checkedAt = -1;
    private long _refreshAt;

    /// <summary>The sequence that the cache had reached when the value was made.</summary>
    public required long Version { get; init; }

    /// <summary>See <see cref="FillToken.Generation"/>.</summary>
    public required int Generation { get; init; }

    /// <summary>When it expires, in timestamps of the cache's clock.</summary>
    public required long ExpiresAt
    {
        get;
        init => field = _refreshAt = value;
    }

    /// <summary>Up to here a hit need not ask whether to refresh the value; never after <see cref="ExpiresAt"/>, so that one comparison answers both questions.</summary>
    public long RefreshAt => Volatile.Read(ref _refreshAt);

    public RefreshPoint? Refresh { get; private set; }

    /// <summary>Until when it may be served after the factory failed, in timestamps of the cache's clock.</summary>
    public required long StaleUntil { get; init; }

    public required string[] Tags { get; init; }

    /// <summary>Sets when it may be refreshed early; before others see the entry.</summary>
    public void RefreshFrom(RefreshPoint? point)
    {
        Refresh = point;
        _refreshAt = point is null ? ExpiresAt : Math.Min(point.AskFrom, ExpiresAt);
    }

    /// <summary>Moves <see cref="RefreshAt"/>, for one of those who try at the same time.</summary>
    public bool TryMoveRefresh(long from, long to) => Interlocked.CompareExchange(ref _refreshAt, to, from) == from;

    /// <summary>The stamp at which the tags were last found valid. Readers race on it; each value that they write is a true one.</summary>
    public long CheckedAt
    {
        get => Volatile.Read(ref _checkedAt);
        set => Volatile.Write(ref _checkedAt, value);
    }

    /// <summary>The bytes of the value alone, measured or estimated; see <see cref="EntrySize"/>.</summary>
    public abstract long ValueBytes { get; }

    /// <summary>Hits since the store last looked, up to <see cref="S3FifoStore.MaximumFrequency"/>. Readers race on it: a lost hit changes no invariant.</summary>
    public byte Frequency { get; set; }

    // What follows is the store's, written under its lock: the entry is the node of the queue, so a hit touches one object and not two.

    /// <summary>Empty until the entry is in a store.</summary>
    public string Key { get; set; } = "";

    /// <summary>See <see cref="EntrySize.Of"/>.</summary>
    public long Bytes { get; set; }

    /// <summary>When the store may drop it, in timestamps of the cache's clock.</summary>
    public long DropAt { get; set; }

    public EntryQueue? Queue { get; set; }

    public LocalEntry? Newer { get; set; }

    public LocalEntry? Older { get; set; }
}
