using Microsoft.Extensions.Caching.Distributed;

namespace ChatRooms;

/// <summary>
/// The second cache level without a server: a SQLite file beside the others, seen by every process of this machine.
/// Absolute expiration only, which is all that the two-level cache asks of it.
/// </summary>
internal sealed class SqliteDistributedCache(DataFolder folder, TimeProvider time) : IDistributedCache
{
    private const int WritesBetweenSweeps = 1000;

    private readonly SqliteFile _file = new(folder.Cache, "entries (key TEXT PRIMARY KEY, value BLOB NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID");
    private int _writes;

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        await _file.FirstAsync(
            "SELECT value FROM entries WHERE key = $key AND expires_at > $now", static row => row.GetFieldValue<byte[]>(0), token, ("$key", key), ("$now", Now()));

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        var lifetime = options.AbsoluteExpirationRelativeToNow ?? options.SlidingExpiration ?? TimeSpan.FromMinutes(5);
        var expires = options.AbsoluteExpiration?.ToUnixTimeMilliseconds() ?? (Now() + (long)lifetime.TotalMilliseconds);
        await _file.WriteAsync(
            "INSERT INTO entries (key, value, expires_at) VALUES ($key, $value, $expires) "
            + "ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at",
            token,
            ("$key", key), ("$value", value), ("$expires", expires));
        if (Interlocked.Increment(ref _writes) % WritesBetweenSweeps == 0)
            await _file.WriteAsync("DELETE FROM entries WHERE expires_at <= $now", token, ("$now", Now()));
    }

    public async Task RemoveAsync(string key, CancellationToken token = default) =>
        await _file.WriteAsync("DELETE FROM entries WHERE key = $key", token, ("$key", key));

    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    public byte[]? Get(string key) => GetAsync(key).GetAwaiter().GetResult();

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => SetAsync(key, value, options).GetAwaiter().GetResult();

    public void Remove(string key) => RemoveAsync(key).GetAwaiter().GetResult();

    public void Refresh(string key)
    {
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
