namespace ScaleKit.Caching;

/// <summary>Where the memory level keeps its entries. Knows nothing of versions: the cache judges what it gets. Thread-safe.</summary>
internal interface ILocalStore : IDisposable
{
    bool TryGet(string key, out LocalEntry? entry);

    /// <summary>Finds an entry without making a string of the key.</summary>
    bool TryGet(ReadOnlySpan<char> key, out LocalEntry? entry);

    /// <summary>Stores an entry, in the place of an older one; a full store makes room and takes it.</summary>
    void Set(string key, LocalEntry entry, TimeSpan lifetime);

    void Remove(string key);

    void Clear();
}
