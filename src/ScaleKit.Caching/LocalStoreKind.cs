namespace ScaleKit.Caching;

/// <summary>What the memory level of a <see cref="TwoLevelCache"/> is made of. Both kinds keep the limits of <see cref="TwoLevelCacheOptions"/> and take every new entry.</summary>
public enum LocalStoreKind
{
    /// <summary>
    /// A store of the cache's own with the eviction policy S3-FIFO (Yang et al., SOSP 2023): a hit takes no lock, a scan does not push out what is in use, and making
    /// room costs the same however many entries there are.
    /// </summary>
    S3Fifo,

    /// <summary>
    /// <see cref="Microsoft.Extensions.Caching.Memory.MemoryCache"/>: the least recently used entries go first, by sorting all of them. Under a byte limit every entry
    /// counts at least its share of that limit, so it holds fewer entries than <see cref="S3Fifo"/>.
    /// </summary>
    MemoryCache,
}
