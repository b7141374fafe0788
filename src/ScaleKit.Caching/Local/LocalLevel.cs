namespace ScaleKit.Caching;

/// <summary>
/// The memory level. Storing a fill and voiding its key exclude each other by a lock per group of keys, so no reader sees, even for a moment, a value that was
/// removed before. Tags, clears and drops need no lock: every read checks them.
/// </summary>
internal sealed class LocalLevel(ILocalStore store, CacheVersions versions) : IDisposable
{
    private const int Groups = 64;
    private readonly Lock[] _groups = [.. Enumerable.Range(0, Groups).Select(_ => new Lock())];
    private volatile bool _disposed;

    /// <summary>Finds an entry that is not void; it may have expired.</summary>
    public LocalEntry? Find(string key) => store.Find(key) is { } entry && versions.IsLive(entry) ? entry : null;

    /// <inheritdoc cref="Find(string)"/>
    public LocalEntry? Find(ReadOnlySpan<char> key) => store.Find(key) is { } entry && versions.IsLive(entry) ? entry : null;

    /// <summary>Stores an entry unless an invalidation since <paramref name="token"/> forbids it or a newer one is there.</summary>
    public bool TryPublish(string key, LocalEntry entry, TimeSpan lifetime, FillToken token)
    {
        lock (GroupOf(key))
        {
            if (_disposed || !versions.Allows(token, key, entry.Tags, entry.Version))
                return false;
            if (store.Find(key) is { } present && present.Version > entry.Version && versions.IsLive(present))
                return false;
            store.Set(key, entry, lifetime);
            return true;
        }
    }

    /// <summary>Voids what is older than <paramref name="sequence"/>.</summary>
    public void Void(string key, long sequence)
    {
        lock (GroupOf(key))
        {
            versions.VoidKey(key, sequence);
            if (!_disposed && store.Find(key) is { } entry && entry.Version < sequence)
                store.Remove(key);
        }
    }

    public void Clear()
    {
        if (!_disposed)
            store.Clear();
    }

    public void Dispose()
    {
        foreach (var group in _groups)
            group.Enter();
        _disposed = true;
        foreach (var group in _groups)
            group.Exit();
        store.Dispose();
    }

    private Lock GroupOf(string key) => _groups[(uint)string.GetHashCode(key, StringComparison.Ordinal) % Groups];
}
