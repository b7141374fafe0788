using ScaleKit.Sharding;

namespace ScaleKit.Migration;

/// <summary>
/// One versioned store over several, by a shard router: a call on a key goes to the key's shard, a range within one routing key to one shard, any other range to all of them, merged in
/// key order. Thread-safe. Each shard fences, sequences and keeps its outbox by itself, which is enough as the protocol never spans two keys.
/// </summary>
/// <remarks>The topology must stay as it is while a migration runs: moving rows between shards is a migration of its own; see <see cref="Resharding{TKey, TValue}"/>.</remarks>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class ShardedStore<TKey, TValue> : IVersionedStore<TKey, TValue>
    where TKey : notnull
{
    private readonly ShardRouter<IVersionedStore<TKey, TValue>> _router;
    private readonly ShardRouting<TKey> _routing;
    private readonly bool _ownedOnly;

    /// <summary>A store over the shards of a router.</summary>
    /// <param name="router">Routes to the stores. All must order their keys the same way.</param>
    /// <param name="routing">Which part of a key decides.</param>
    /// <param name="name">The name for messages.</param>
    /// <param name="ownedOnly">
    /// Whether scans pass over rows that lie on a shard which does not own them: a resharding leaves them behind. Counts hold them all the same, and there is no digest.
    /// </param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public ShardedStore(ShardRouter<IVersionedStore<TKey, TValue>> router, ShardRouting<TKey> routing, string name = "shards", bool ownedOnly = false)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(routing);
        ArgumentException.ThrowIfNullOrEmpty(name);
        _router = router;
        _routing = routing;
        _ownedOnly = ownedOnly;
        Name = name;
        Keys = router.Topology.Shards[0].Payload.Keys;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public KeyFormat<TKey> Keys { get; }

    /// <summary>What every shard can do.</summary>
    public StoreCapabilities Capabilities => Shards.Aggregate(_ownedOnly ? StoreCapabilities.All & ~StoreCapabilities.Digest : StoreCapabilities.All, static (all, shard) => all & shard.Capabilities);

    /// <summary>Whether another sharded store places every key on the same shards, which are the same stores.</summary>
    public override bool Equals(object? obj) =>
        ReferenceEquals(this, obj)
        || (obj is ShardedStore<TKey, TValue> other && other._routing.Rule.Equals(_routing.Rule)
            && string.Equals(other._router.Topology.Fingerprint, _router.Topology.Fingerprint, StringComparison.Ordinal) && other.Shards.SequenceEqual(Shards));

    /// <inheritdoc/>
    public override int GetHashCode() => _router.Topology.Fingerprint.GetHashCode(StringComparison.Ordinal);

    internal IEnumerable<IVersionedStore<TKey, TValue>> Shards => _router.Topology.Shards.Select(static shard => shard.Payload);

    /// <inheritdoc/>
    public ValueTask<VersionedValue<TValue>> ReadAsync(TKey key, CancellationToken cancellationToken = default) =>
        Of(key).ReadAsync(key, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<VersionedEntry<TKey, TValue>>> ReadManyAsync(
        IReadOnlyList<TKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var rows = new VersionedEntry<TKey, TValue>[keys.Count];
        await Task.WhenAll(Enumerable.Range(0, keys.Count).GroupBy(i => Of(keys[i])).Select(async shard =>
        {
            var places = shard.ToArray();
            var found = await shard.Key.ReadManyAsync(Array.ConvertAll(places, i => keys[i]), cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < places.Length; i++)
            {
                rows[places[i]] = found[i];
            }
        })).ConfigureAwait(false);
        return rows;
    }

    /// <inheritdoc/>
    public ValueTask<WriteResult> WriteAsync(SequencedWrite<TKey, TValue> write, CancellationToken cancellationToken = default) =>
        Of(write.Key).WriteAsync(write, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> ApplyIfNewerAsync(VersionedEntry<TKey, TValue> entry, CancellationToken cancellationToken = default) =>
        Of(entry.Key).ApplyIfNewerAsync(entry, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<int> ApplyManyIfNewerAsync(IReadOnlyList<VersionedEntry<TKey, TValue>> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var newer = await Task.WhenAll(entries.GroupBy(entry => Of(entry.Key))
            .Select(shard => shard.Key.ApplyManyIfNewerAsync([.. shard], cancellationToken).AsTask())).ConfigureAwait(false);
        return newer.Sum();
    }

    /// <inheritdoc/>
    public async ValueTask<ScanPage<TKey, TValue>> ScanAsync(ScanRequest<TKey> request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (_routing.OfRange(request.Range) is { } room)
        {
            return await _router.Route(room).Payload.ScanAsync(request, cancellationToken).ConfigureAwait(false);
        }

        var pages = await Task.WhenAll(Shards.Select(shard => ScanShardAsync(shard, request, cancellationToken).AsTask())).ConfigureAwait(false);
        return Merge(pages, request);
    }

    /// <inheritdoc/>
    public async ValueTask<KeyRange<TKey>> ChunkAsync(KeyRange<TKey> range, int rows, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        var shards = InRange(range).ToList();
        var share = Math.Max(1, rows / shards.Count);
        var chunks = await Task.WhenAll(shards.Select(shard => shard.ChunkAsync(range, share, cancellationToken).AsTask())).ConfigureAwait(false);

        // Up to the nearest end every shard holds its share at most; a shard that gives the range back holds less.
        return chunks.Where(chunk => chunk != range).DefaultIfEmpty(range).MinBy(static chunk => chunk.Upper, Keys.Order!);
    }

    /// <inheritdoc/>
    public async ValueTask<RangeDigest> DigestAsync(KeyRange<TKey> range, CancellationToken cancellationToken = default)
    {
        if (_ownedOnly)
        {
            throw new NotSupportedException("Rows that a shard does not own would be in its digest.");
        }

        var digests = await Task.WhenAll(InRange(range).Select(shard => shard.DigestAsync(range, cancellationToken).AsTask())).ConfigureAwait(false);
        return digests.Aggregate(default(RangeDigest), static (sum, digest) => sum.Add(digest));
    }

    /// <inheritdoc/>
    public async ValueTask<long> CountAsync(KeyRange<TKey> range, CancellationToken cancellationToken = default)
    {
        var counts = await Task.WhenAll(InRange(range).Select(shard => shard.CountAsync(range, cancellationToken).AsTask())).ConfigureAwait(false);
        return counts.Sum();
    }

    /// <summary>Raises the fence of every shard.</summary>
    /// <returns>The highest epoch in force on any of them.</returns>
    public async ValueTask<long> FenceAsync(long epoch, CancellationToken cancellationToken = default)
    {
        var epochs = await Task.WhenAll(Shards.Select(shard => shard.FenceAsync(epoch, cancellationToken).AsTask())).ConfigureAwait(false);
        return epochs.Max();
    }

    /// <summary>The outboxes of all shards, in the order of the topology.</summary>
    public async ValueTask<OutboxStatus> GetOutboxStatusAsync(CancellationToken cancellationToken = default)
    {
        var statuses = await Task.WhenAll(Shards.Select(shard => shard.GetOutboxStatusAsync(cancellationToken).AsTask())).ConfigureAwait(false);
        return new OutboxStatus(statuses.SelectMany(static status => status.Partitions));
    }

    /// <summary>The oldest entries of every shard's outbox, an equal share of each.</summary>
    public async ValueTask<IReadOnlyList<OutboxEntry<TKey>>> PeekOutboxAsync(int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var share = Math.Max(1, limit / _router.Topology.Shards.Count);
        var entries = await Task.WhenAll(Shards.Select(shard => shard.PeekOutboxAsync(share, cancellationToken).AsTask())).ConfigureAwait(false);
        return [.. entries.SelectMany(static shard => shard)];
    }

    /// <inheritdoc/>
    public async ValueTask AcknowledgeOutboxAsync(IReadOnlyList<OutboxEntry<TKey>> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        await Task.WhenAll(entries.GroupBy(entry => Of(entry.Key))
            .Select(shard => shard.Key.AcknowledgeOutboxAsync([.. shard], cancellationToken).AsTask())).ConfigureAwait(false);
    }

    private async ValueTask<ScanPage<TKey, TValue>> ScanShardAsync(
        IVersionedStore<TKey, TValue> shard, ScanRequest<TKey> request, CancellationToken cancellationToken)
    {
        var page = await shard.ScanAsync(request, cancellationToken).ConfigureAwait(false);
        if (!_ownedOnly)
        {
            return page;
        }

        var owned = page.Entries.Where(entry => ReferenceEquals(Of(entry.Key), shard)).ToList();
        while (owned.Count < request.Limit && page.HasMore)
        {
            page = await shard.ScanAsync(request.After(page.Entries[^1].Key), cancellationToken).ConfigureAwait(false);
            owned.AddRange(page.Entries.Where(entry => ReferenceEquals(Of(entry.Key), shard)));
        }

        var more = page.HasMore || owned.Count > request.Limit;
        return new ScanPage<TKey, TValue>(owned.Count > request.Limit ? owned[..request.Limit] : owned, more);
    }

    private ScanPage<TKey, TValue> Merge(ScanPage<TKey, TValue>[] pages, ScanRequest<TKey> request)
    {
        var sign = request.Descending ? -1 : 1;
        var merged = pages.SelectMany(static page => page.Entries).ToList();
        merged.Sort((x, y) => sign * Keys.Order.Compare(x.Key, y.Key));

        // A shard that has more may hold keys right behind the end of its page: what other shards hold behind that end waits for the next page.
        var kept = merged.Count;
        foreach (var page in pages.Where(static page => page.HasMore && page.Entries.Count > 0))
        {
            var end = page.Entries[^1].Key;
            kept = Math.Min(kept, merged.FindLastIndex(entry => sign * Keys.Order.Compare(entry.Key, end) <= 0) + 1);
        }

        kept = Math.Min(kept, request.Limit);
        return new ScanPage<TKey, TValue>(merged[..kept], HasMore: kept < merged.Count || pages.Any(static page => page.HasMore));
    }

    private IVersionedStore<TKey, TValue> Of(TKey key)
    {
        Keys.Check(key);
        return _router.Route(_routing.OfKey(key)).Payload;
    }

    private IEnumerable<IVersionedStore<TKey, TValue>> InRange(KeyRange<TKey> range) =>
        _routing.OfRange(range) is { } room ? [_router.Route(room).Payload] : Shards;
}
