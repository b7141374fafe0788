namespace ScaleKit.Sharding;

public sealed partial class ShardRouter<TShard>
{
    /// <summary>Sorts keys by their shards, all by one topology: one query per shard instead of one per key.</summary>
    /// <param name="keys">The keys.</param>
    /// <returns>A batch for each shard that owns at least one, in the order of the shards' ids.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="keys"/> or one of them is null.</exception>
    /// <exception cref="ArgumentException">A key is too long.</exception>
    public IReadOnlyList<ShardBatch<TShard, string>> GroupByShard(IEnumerable<string> keys) => GroupByShard(keys, this, static (router, key) =>
    {
        ArgumentNullException.ThrowIfNull(key);
        return router.HashOf(key.AsSpan());
    });

    /// <inheritdoc cref="GroupByShard(IEnumerable{string})"/>
    public IReadOnlyList<ShardBatch<TShard, long>> GroupByShard(IEnumerable<long> keys) => GroupByShard(keys, this, static (_, key) => KeyHash.Of(key));

    /// <inheritdoc cref="GroupByShard(IEnumerable{string})"/>
    public IReadOnlyList<ShardBatch<TShard, Guid>> GroupByShard(IEnumerable<Guid> keys) => GroupByShard(keys, this, static (_, key) => KeyHash.Of(key));

    /// <summary>Sorts items by the shards of their keys, all by one topology.</summary>
    /// <typeparam name="TItem">What has a key.</typeparam>
    /// <param name="items">The items.</param>
    /// <param name="hashOf">Gives the hash of an item's key, by <see cref="KeyHash"/>.</param>
    /// <returns>A batch for each shard that owns at least one, in the order of the shards' ids.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public IReadOnlyList<ShardBatch<TShard, TItem>> GroupByShard<TItem>(IEnumerable<TItem> items, Func<TItem, ulong> hashOf)
    {
        ArgumentNullException.ThrowIfNull(hashOf);
        return GroupByShard(items, hashOf, static (hash, item) => hash(item));
    }

    private ShardBatch<TShard, TItem>[] GroupByShard<TItem, TState>(IEnumerable<TItem> items, TState state, Func<TState, TItem, ulong> hashOf)
    {
        ArgumentNullException.ThrowIfNull(items);
        var topology = _topology;
        var batches = new Dictionary<Shard<TShard>, List<TItem>>();
        foreach (var item in items)
        {
            var shard = topology.ShardOf(hashOf(state, item));
            if (!batches.TryGetValue(shard, out var batch))
            {
                batches.Add(shard, batch = []);
            }

            batch.Add(item);
        }

        return [.. batches.OrderBy(b => b.Key.Id, StringComparer.Ordinal).Select(b => new ShardBatch<TShard, TItem>(b.Key, b.Value))];
    }
}
