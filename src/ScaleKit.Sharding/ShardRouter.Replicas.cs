namespace ScaleKit.Sharding;

public sealed partial class ShardRouter<TShard>
{
    /// <summary>
    /// The shards that stand in for each other for a key: the owner first, then distinct shards, from distinct zones while there are any. The first k do not depend on
    /// how many are asked for. See <see cref="Topology{TShard}.ReplicasOf"/>.
    /// </summary>
    /// <param name="key">The key, at most <see cref="ShardRouterOptions.MaximumKeyLength"/> bytes.</param>
    /// <param name="destination">Receives the shards.</param>
    /// <returns>How many were written.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="key"/> is too long.</exception>
    public int RouteReplicas(string key, Span<Shard<TShard>> destination)
    {
        ArgumentNullException.ThrowIfNull(key);
        return RouteReplicas(key.AsSpan(), destination);
    }

    /// <inheritdoc cref="RouteReplicas(string, Span{Shard{TShard}})"/>
    public int RouteReplicas(ReadOnlySpan<char> key, Span<Shard<TShard>> destination) => _topology.ReplicasOf(HashOf(key), destination);

    /// <inheritdoc cref="RouteReplicas(string, Span{Shard{TShard}})"/>
    public int RouteReplicas(long key, Span<Shard<TShard>> destination) => _topology.ReplicasOf(KeyHash.Of(key), destination);

    /// <inheritdoc cref="RouteReplicas(string, Span{Shard{TShard}})"/>
    public int RouteReplicas(Guid key, Span<Shard<TShard>> destination) => _topology.ReplicasOf(KeyHash.Of(key), destination);
}
