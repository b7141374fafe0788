namespace ScaleKit.Caching;

/// <summary>
/// Where the memory level keeps its entries, within <see cref="LocalLimits"/>. Knows nothing of versions and does not judge lifetimes on a look-up: the cache judges
/// what it gets. Thread-safe.
/// </summary>
internal interface ILocalStore : IDisposable
{
    /// <summary>The entries that it holds; expired ones count until they are swept.</summary>
    long Count { get; }

    /// <summary>The sum of <see cref="EntrySize.Of"/> over the entries.</summary>
    long Bytes { get; }

    LocalEntry? Find(string key);

    /// <summary>Finds an entry without making a string of the key.</summary>
    LocalEntry? Find(ReadOnlySpan<char> key);

    /// <summary>
    /// Stores an entry, in the place of an older one; a full store makes room and takes it. Only an entry that alone is larger than the byte limit is not kept, and
    /// then an older one of the key is not either. An entry is given to a store once.
    /// </summary>
    void Set(string key, LocalEntry entry, TimeSpan lifetime);

    void Remove(string key);

    void Clear();

    /// <summary>Drops what has outlived its lifetime. A store also does so by itself, without waiting for a look-up.</summary>
    void Sweep();
}
