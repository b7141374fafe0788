namespace ScaleKit.Sharding;

public sealed partial class ShardRouter<TShard>
{
    /// <summary>The shard of a key, and a token by which the shard's store can tell that the caller's topology is outdated (<see cref="RouteFence"/>).</summary>
    /// <param name="key">The key, at most <see cref="ShardRouterOptions.MaximumKeyLength"/> bytes.</param>
    /// <param name="token">Goes with the call.</param>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="key"/> is too long.</exception>
    public Shard<TShard> Route(string key, out RouteToken token)
    {
        ArgumentNullException.ThrowIfNull(key);
        return RouteHash(HashOf(key.AsSpan()), out token);
    }

    /// <inheritdoc cref="Route(string, out RouteToken)"/>
    public Shard<TShard> Route(long key, out RouteToken token)
    {
        var hash = KeyHash.Of(key);
        HotKeys?.Observe(key, hash);
        return RouteHash(hash, out token);
    }

    /// <inheritdoc cref="Route(string, out RouteToken)"/>
    public Shard<TShard> Route(Guid key, out RouteToken token)
    {
        var hash = KeyHash.Of(key);
        HotKeys?.Observe(key, hash);
        return RouteHash(hash, out token);
    }

    /// <summary>The shard of a key that the caller has hashed, and its token.</summary>
    /// <param name="hash">A hash made by <see cref="KeyHash"/>.</param>
    /// <param name="token">Goes with the call.</param>
    public Shard<TShard> RouteHash(ulong hash, out RouteToken token)
    {
        // One read: shard and version must be of one topology.
        var topology = _topology;
        token = new RouteToken(topology.Version, hash);
        return topology.ShardOf(hash);
    }
}
