using System.Collections.Concurrent;

namespace SessionCache;

/// <summary>The truth about sessions. A look-up takes a while, as it does in a database.</summary>
internal sealed class SessionDatabase : IDisposable
{
    private static readonly TimeSpan LookupTime = TimeSpan.FromMilliseconds(8);
    private readonly ConcurrentDictionary<string, Session> _rows = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _connections = new(10);

    public void Insert(Session session) => _rows[session.Id] = session;

    public void Delete(string id) => _rows.TryRemove(id, out _);

    public async ValueTask<Session?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await _connections.WaitAsync(cancellationToken);
        try
        {
            await Task.Delay(LookupTime, TimeProvider.System, cancellationToken);
            return _rows.GetValueOrDefault(id);
        }
        finally
        {
            _connections.Release();
        }
    }

    public void Dispose() => _connections.Dispose();
}
