using ScaleKit.Caching;

namespace SessionCache;

/// <summary>One server of the application: a cache and a line of its own. The database is asked first, then the cache is told.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly RequestSource _source = new();
    private readonly SessionDatabase _database;
    private readonly TwoLevelCache _cache;

    public Node(string name, ILine line, SessionDatabase database)
    {
        (Name, Line, _database) = (name, line, database);
        _cache = new TwoLevelCache(Options, line.Store, line.Bus, meterFactory: _source);
    }

    /// <summary>The library's defaults: two seconds of staleness at most for a node that is cut off.</summary>
    public static TwoLevelCacheOptions Options { get; } = new() { Name = "sessions", NegativeExpiration = TimeSpan.FromSeconds(30) };

    public string Name { get; }

    public ILine Line { get; }

    public async Task<Session> LogInAsync(string user)
    {
        var session = new Session(Guid.NewGuid().ToString("N"), user);
        _database.Insert(session);
        await _cache.SetAsync(KeyOf(session.Id), session, tags: [TagOf(user)]);
        return session;
    }

    /// <summary>When it returns, no node that is in step lets the session in.</summary>
    public async Task LogOutAsync(Session session)
    {
        _database.Delete(session.Id);
        await _cache.RemoveByTagAsync(TagOf(session.User));
    }

    public async Task<SessionCheck> CheckAsync(Session session)
    {
        var askedAt = TimeProvider.System.GetTimestamp();
        var found = await _cache.GetOrCreateAsync(
            KeyOf(session.Id),
            (_database, session.Id),
            static (s, cancellationToken) => s._database.FindAsync(s.Id, cancellationToken),
            tags: [TagOf(session.User)]);
        return new(found, _source.Last, askedAt, TimeProvider.System.GetElapsedTime(askedAt));
    }

    public async ValueTask DisposeAsync()
    {
        await _cache.DisposeAsync();
        _source.Dispose();
        await Line.DisposeAsync();
    }

    private static string KeyOf(string id) => $"session:{id}";

    private static string TagOf(string user) => $"user:{user}";
}
