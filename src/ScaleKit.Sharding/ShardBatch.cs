namespace ScaleKit.Sharding;

/// <summary>The items of a batch that one shard owns.</summary>
/// <typeparam name="TShard">What the application keeps for a shard.</typeparam>
/// <typeparam name="TItem">A key, or what has one.</typeparam>
public sealed class ShardBatch<TShard, TItem>
{
    /// <summary>Makes a batch.</summary>
    /// <param name="shard">The owner.</param>
    /// <param name="items">Its items, in the order in which they were given.</param>
    public ShardBatch(Shard<TShard> shard, IReadOnlyList<TItem> items)
    {
        ArgumentNullException.ThrowIfNull(shard);
        ArgumentNullException.ThrowIfNull(items);
        Shard = shard;
        Items = items;
    }

    /// <summary>The owner.</summary>
    public Shard<TShard> Shard { get; }

    /// <summary>Its items, in the order in which they were given.</summary>
    public IReadOnlyList<TItem> Items { get; }
}
