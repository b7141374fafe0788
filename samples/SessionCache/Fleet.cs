using ScaleKit.Caching;

namespace SessionCache;

/// <summary>What all nodes have in common: the database, and the shared level in Redis or, without one, in memory.</summary>
internal sealed class Fleet(string? redis) : IDisposable
{
    private readonly InProcessInvalidationBus _bus = new();
    private readonly InProcessSharedStore _store = new();

    public SessionDatabase Database { get; } = new();

    public ILine NewLine() => redis is null ? new InProcessLine(_bus, _store) : new RedisLine(redis);

    public void Dispose() => Database.Dispose();
}
