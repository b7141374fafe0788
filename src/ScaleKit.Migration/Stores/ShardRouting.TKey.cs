namespace ScaleKit.Migration;

/// <summary>Which part of a key decides about its shard. Keys that share it share a shard, and a range within it asks one shard only. Immutable.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
public sealed class ShardRouting<TKey>
    where TKey : notnull
{
    private readonly Func<TKey, string> _ofKey;
    private readonly Func<KeyRange<TKey>, string?>? _ofRange;

    /// <summary>A routing by functions of your own.</summary>
    /// <param name="ofKey">The routing key of a key; never changes for a key.</param>
    /// <param name="ofRange">The routing key that every key of a range has, or null when they differ; unless given, every range asks all shards.</param>
    /// <exception cref="ArgumentNullException"><paramref name="ofKey"/> is null.</exception>
    public ShardRouting(Func<TKey, string> ofKey, Func<KeyRange<TKey>, string?>? ofRange = null)
        : this(ofKey, ofRange, ofKey)
    {
    }

    internal ShardRouting(Func<TKey, string> ofKey, Func<KeyRange<TKey>, string?>? ofRange, object rule)
    {
        ArgumentNullException.ThrowIfNull(ofKey);
        _ofKey = ofKey;
        _ofRange = ofRange;
        Rule = rule;
    }

    /// <summary>Equal where two routings are known to be the same.</summary>
    internal object Rule { get; }

    internal string OfKey(TKey key) => _ofKey(key);

    internal string? OfRange(KeyRange<TKey> range) => _ofRange?.Invoke(range);
}
