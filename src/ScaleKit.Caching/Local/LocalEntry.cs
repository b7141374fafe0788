namespace ScaleKit.Caching;

/// <summary>A value in the memory level with what is needed to judge it, and its place in the store that holds it.</summary>
internal abstract class LocalEntry
{
    private long _checkedAt = -1;

    /// <summary>The sequence that the cache had reached when the value was made.</summary>
    public required long Version { get; init; }

    /// <summary>See <see cref="FillToken.Generation"/>.</summary>
    public required int Generation { get; init; }

    /// <summary>When it expires, in timestamps of the cache's clock.</summary>
    public required long ExpiresAt { get; init; }

    /// <summary>Until when it may be served after the factory failed, in timestamps of the cache's clock.</summary>
    public required long StaleUntil { get; init; }

    public required string[] Tags { get; init; }

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
