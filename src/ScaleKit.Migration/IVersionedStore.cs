namespace ScaleKit.Migration;

/// <summary>
/// The port to a store that takes part in a migration. Each call is one atomic step of the store and may fail, or time out with or without effect;
/// the protocol is correct either way. Implementations are safe for concurrent use.
/// </summary>
/// <remarks>
/// One contract suite runs against every implementation; run it against your own too. A store over SQL needs one transaction a call,
/// a store without transactions one script or one single-threaded handler.
/// </remarks>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public interface IVersionedStore<TKey, TValue> : IMigrationStore
    where TKey : notnull
{
    /// <summary>The order of the keys and their text form. Both stores of a migration must agree on it.</summary>
    KeyFormat<TKey> Keys { get; }

    /// <summary>Reads a row. A key that was never written gives the default, a deleted one its tombstone.</summary>
    ValueTask<VersionedValue<TValue>> ReadAsync(TKey key, CancellationToken cancellationToken = default);

    /// <summary>Reads several rows, in the order of <paramref name="keys"/>, each as <see cref="ReadAsync"/> would; not one snapshot.</summary>
    ValueTask<IReadOnlyList<VersionedEntry<TKey, TValue>>> ReadManyAsync(IReadOnlyList<TKey> keys, CancellationToken cancellationToken = default);

    /// <summary>
    /// Writes and issues the version, in one transaction with the check of the fence, of the expected version and, where asked, with the outbox entry.
    /// The version is newer than the row's and than <see cref="SequencedWrite{TKey, TValue}.Floor"/>.
    /// </summary>
    ValueTask<WriteResult> WriteAsync(SequencedWrite<TKey, TValue> write, CancellationToken cancellationToken = default);

    /// <summary>Stores a row that another store sequenced, if its version is newer than what is here. Idempotent, not subject to the fence.</summary>
    /// <returns>Whether it was newer and is stored now.</returns>
    ValueTask<bool> ApplyIfNewerAsync(VersionedEntry<TKey, TValue> entry, CancellationToken cancellationToken = default);

    /// <summary>Applies several rows, each atomic by itself.</summary>
    /// <returns>How many of them were newer.</returns>
    ValueTask<int> ApplyManyIfNewerAsync(IReadOnlyList<VersionedEntry<TKey, TValue>> entries, CancellationToken cancellationToken = default);

    /// <summary>Reads a page of rows in key order. Rows that are written while a scan runs may or may not be seen; all others are seen once.</summary>
    ValueTask<ScanPage<TKey, TValue>> ScanAsync(ScanRequest<TKey> request, CancellationToken cancellationToken = default);

    /// <summary>
    /// The beginning of a range that holds about <paramref name="rows"/> rows, tombstones included; the range itself when it holds no more. The rest is
    /// <c>range.After(chunk.Upper)</c>. Unless a store has a cheaper way, the rows are read for it.
    /// </summary>
    /// <param name="range">The keys to look at.</param>
    /// <param name="rows">How many rows, 1 to 100,000.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    async ValueTask<KeyRange<TKey>> ChunkAsync(KeyRange<TKey> range, int rows, CancellationToken cancellationToken = default)
    {
        var page = await ScanAsync(new ScanRequest<TKey> { Range = range, Limit = rows, IncludeTombstones = true }, cancellationToken).ConfigureAwait(false);
        return page.HasMore ? range.Through(page.Entries[^1].Key) : range;
    }

    /// <summary>Counts and hashes the live rows of a range.</summary>
    ValueTask<RangeDigest> DigestAsync(KeyRange<TKey> range, CancellationToken cancellationToken = default);

    /// <summary>Counts the rows of a range, tombstones included: the length of a backfill.</summary>
    ValueTask<long> CountAsync(KeyRange<TKey> range, CancellationToken cancellationToken = default);

    /// <summary>The oldest outbox entries, at most <paramref name="limit"/>. They stay until they are acknowledged.</summary>
    ValueTask<IReadOnlyList<OutboxEntry<TKey>>> PeekOutboxAsync(int limit, CancellationToken cancellationToken = default);

    /// <summary>Removes outbox entries whose row the other store has. Unknown entries are ignored.</summary>
    ValueTask AcknowledgeOutboxAsync(IReadOnlyList<OutboxEntry<TKey>> entries, CancellationToken cancellationToken = default);
}
