using ScaleKit.Migration;

namespace ScaleKit.Redis;

/// <summary>
/// A versioned store of a migration in Redis. Each call is one script, and so atomic. All of a store lies in one hash slot, and so on one node of a Cluster: a <see cref="ShardedStore{TKey, TValue}"/>
/// over several of them, with different names, spreads over many. Thread-safe; needs no disposal.
/// </summary>
/// <remarks>
/// Redis acknowledges a write before it is on the disk (unless <c>appendfsync always</c>) and before a replica has it: a failover may lose the last ones. As a mirror that is repaired by verification;
/// as the sequencer of a migration it is a loss, which no protocol above it can undo.
/// </remarks>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class RedisStore<TKey, TValue> : IVersionedStore<TKey, TValue>
    where TKey : notnull
{
    private const int RowsAtOnce = 1000;
    private static readonly RedisScript ReadRows = RedisScript.Load("Migration", nameof(ReadRows));
    private static readonly RedisScript WriteRow = RedisScript.Load("Migration", nameof(WriteRow));
    private static readonly RedisScript ApplyRows = RedisScript.Load("Migration", nameof(ApplyRows));
    private static readonly RedisScript ScanRows = RedisScript.Load("Migration", nameof(ScanRows));
    private static readonly RedisScript MeasureRange = RedisScript.Load("Migration", nameof(MeasureRange));
    private static readonly RedisScript RaiseFence = RedisScript.Load("Migration", nameof(RaiseFence));
    private static readonly RedisScript ReadOutbox = RedisScript.Load("Migration", nameof(ReadOutbox));
    private static readonly RedisScript RemoveDebts = RedisScript.Load("Migration", nameof(RemoveDebts));
    private static readonly WriteStatus[] Statuses = [WriteStatus.Written, WriteStatus.Conflict, WriteStatus.NotFound, WriteStatus.Fenced];
    private readonly RedisConnection _connection;
    private readonly RedisRow<TKey, TValue> _rows;
    private readonly RedisName _rowsName;
    private readonly RedisName _orderName;
    private readonly RedisName _outboxName;
    private readonly RedisName _metaName;

    /// <summary>A store under a name of its own.</summary>
    /// <param name="connection">The connection; it stays its owner's.</param>
    /// <param name="name">The name, for Redis and for messages.</param>
    /// <param name="values">How values are written.</param>
    /// <param name="keys">How keys are written and ordered; found by itself for text, integers and Guids.</param>
    /// <param name="maximumValueLength">The longest value in bytes, 1 to 536,870,912; 1,048,576 unless given.</param>
    /// <exception cref="ArgumentNullException"><paramref name="connection"/> or <paramref name="values"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty, or the length is out of range.</exception>
    public RedisStore(RedisConnection connection, string name, ValueFormat<TValue> values, KeyFormat<TKey>? keys = null, int maximumValueLength = 1_048_576)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumValueLength, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maximumValueLength, 536_870_912);
        _connection = connection;
        Name = name;
        Keys = keys ?? KeyFormat.For<TKey>();
        _rows = new RedisRow<TKey, TValue>(Keys, values, maximumValueLength);
        _rowsName = connection.Names.Name("migration", name, ":rows");
        _orderName = connection.Names.Name("migration", name, ":order");
        _outboxName = connection.Names.Name("migration", name, ":outbox");
        _metaName = connection.Names.Name("migration", name, ":meta");
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public KeyFormat<TKey> Keys { get; }

    /// <inheritdoc/>
    public StoreCapabilities Capabilities => StoreCapabilities.All;

    /// <summary>
    /// Whether another store object has the same name on the same Redis, as the settings of their connections name it. A migration between two such objects is refused: it would copy rows onto themselves.
    /// </summary>
    public override bool Equals(object? obj) =>
        ReferenceEquals(this, obj)
        || (obj is RedisStore<TKey, TValue> other && string.Equals(other.Name, Name, StringComparison.Ordinal) && other._connection.LeadsWhere(_connection));

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<VersionedValue<TValue>> ReadAsync(TKey key, CancellationToken cancellationToken = default) =>
        (await ReadManyAsync([key], cancellationToken).ConfigureAwait(false))[0].Row;

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<IReadOnlyList<VersionedEntry<TKey, TValue>>> ReadManyAsync(IReadOnlyList<TKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var names = keys.Select(key => (RedisArgument)_rows.Key(key)).ToArray();
        var entries = new List<VersionedEntry<TKey, TValue>>(keys.Count);
        foreach (var some in names.Chunk(RowsAtOnce))
        {
            var reply = await _connection.RunAsync(ReadRows, [_rowsName], RedisArguments.Create(some), cancellationToken).ConfigureAwait(false);
            foreach (var row in reply.ToItems())
            {
                entries.Add(new(keys[entries.Count], _rows.Row(row.ToBytes())));
            }
        }

        return entries;
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time: the outcome is unknown.</exception>
    public async ValueTask<WriteResult> WriteAsync(SequencedWrite<TKey, TValue> write, CancellationToken cancellationToken = default)
    {
        var reply = await _connection.RunAsync(
            WriteRow,
            [_rowsName, _orderName, _outboxName, _metaName],
            [
                _rows.Key(write.Key),
                write.IsDelete ? [] : _rows.Value(write.Value),
                write.Epoch,
                write.IsDelete ? 1 : 0,
                write.Outbox ? 1 : 0,
                write.Expected is { } expected ? expected.Epoch : "",
                write.Expected?.Counter ?? 0,
                write.Floor.IsNone ? "" : write.Floor.Counter,
            ],
            cancellationToken).ConfigureAwait(false);
        var items = reply.ToItems();
        return new WriteResult(Statuses[items[0].ToInt64()], new RowVersion(items[1].ToInt64(), items[2].ToInt64()), items[3].ToInt64());
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time: the outcome is unknown.</exception>
    public async ValueTask<bool> ApplyIfNewerAsync(VersionedEntry<TKey, TValue> entry, CancellationToken cancellationToken = default) =>
        await ApplyManyIfNewerAsync([entry], cancellationToken).ConfigureAwait(false) == 1;

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time: the outcome is unknown.</exception>
    public async ValueTask<int> ApplyManyIfNewerAsync(IReadOnlyList<VersionedEntry<TKey, TValue>> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var newer = 0L;
        foreach (var some in entries.Chunk(RowsAtOnce))
        {
            var arguments = some.SelectMany(entry => (RedisArgument[])
            [
                _rows.Key(entry.Key), entry.Version.Epoch, entry.Version.Counter, entry.Row.IsDeleted ? 1 : 0, entry.Row.IsDeleted ? [] : _rows.Value(entry.Value),
            ]).ToArray();
            var reply = await _connection.RunAsync(ApplyRows, [_rowsName, _orderName], RedisArguments.Create(arguments), cancellationToken).ConfigureAwait(false);
            newer += reply.ToInt64();
        }

        return (int)newer;
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<ScanPage<TKey, TValue>> ScanAsync(ScanRequest<TKey> request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);

        // One more than asked for: it tells whether there is a next page.
        var items = await ScanAsync(request, request.Limit + 1, cancellationToken).ConfigureAwait(false);
        var entries = new List<VersionedEntry<TKey, TValue>>(Math.Min(request.Limit, items.Length / 2));
        for (var i = 0; i < items.Length && entries.Count < request.Limit; i += 2)
        {
            entries.Add(new(_rows.Key(items[i].ToBytes()), _rows.Row(items[i + 1].ToBytes())));
        }

        return new ScanPage<TKey, TValue>(entries, HasMore: items.Length / 2 > request.Limit);
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<KeyRange<TKey>> ChunkAsync(KeyRange<TKey> range, int rows, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        var items = await MeasureAsync(range, rows, cancellationToken).ConfigureAwait(false);
        return items.Length == 2 ? range.Through(_rows.Key(items[1].ToBytes())) : range;
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<RangeDigest> DigestAsync(KeyRange<TKey> range, CancellationToken cancellationToken = default)
    {
        var digest = default(RangeDigest);
        var request = new ScanRequest<TKey> { Range = range };
        while (true)
        {
            var items = await ScanAsync(request, RowsAtOnce, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < items.Length; i += 2)
            {
                digest = _rows.AddTo(digest, _rows.Key(items[i].ToBytes()), items[i + 1].ToBytes()!);
            }

            if (items.Length < 2 * RowsAtOnce)
            {
                return digest;
            }

            request = request.After(_rows.Key(items[^2].ToBytes()));
        }
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<long> CountAsync(KeyRange<TKey> range, CancellationToken cancellationToken = default) =>
        (await MeasureAsync(range, 0, cancellationToken).ConfigureAwait(false))[0].ToInt64();

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time: the outcome is unknown.</exception>
    public async ValueTask<long> FenceAsync(long epoch, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        return (await _connection.RunAsync(RaiseFence, [_metaName], [epoch], cancellationToken).ConfigureAwait(false)).ToInt64();
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<OutboxStatus> GetOutboxStatusAsync(CancellationToken cancellationToken = default)
    {
        var (pending, last, entries) = await ReadOutboxAsync(1, cancellationToken).ConfigureAwait(false);
        return new OutboxStatus([new OutboxPartition(pending, entries.Length > 0 ? _rows.Debt(entries[0].ToBytes()!).Sequence : last + 1, last + 1)]);
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<IReadOnlyList<OutboxEntry<TKey>>> PeekOutboxAsync(int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var (_, _, entries) = await ReadOutboxAsync(limit, cancellationToken).ConfigureAwait(false);
        return Array.ConvertAll(entries, entry => _rows.Debt(entry.ToBytes()!));
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time: the outcome is unknown.</exception>
    public async ValueTask AcknowledgeOutboxAsync(IReadOnlyList<OutboxEntry<TKey>> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (var some in entries.Chunk(RowsAtOnce))
        {
            await _connection.RunAsync(
                RemoveDebts, [_outboxName], RedisArguments.Create(Array.ConvertAll(some, static entry => (RedisArgument)entry.Sequence)), cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<(long Pending, long Last, RedisReply[] Entries)> ReadOutboxAsync(int limit, CancellationToken cancellationToken)
    {
        var items = (await _connection.RunAsync(ReadOutbox, [_outboxName, _metaName], [limit], cancellationToken).ConfigureAwait(false)).ToItems();
        return (items[0].ToInt64(), items[1].ToInt64(), items[2].ToItems());
    }

    private async ValueTask<RedisReply[]> ScanAsync(ScanRequest<TKey> request, int limit, CancellationToken cancellationToken)
    {
        var reply = await _connection.RunAsync(
            ScanRows,
            [_rowsName, _orderName],
            [Lower(request.Range), Upper(request.Range), request.Descending ? 1 : 0, limit, request.IncludeTombstones ? 1 : 0],
            cancellationToken).ConfigureAwait(false);
        return reply.ToItems();
    }

    private async ValueTask<RedisReply[]> MeasureAsync(KeyRange<TKey> range, int rows, CancellationToken cancellationToken) =>
        (await _connection.RunAsync(MeasureRange, [_orderName], [Lower(range), Upper(range), rows], cancellationToken).ConfigureAwait(false)).ToItems();

    private byte[] Lower(KeyRange<TKey> range) => range.HasLower ? [range.LowerInclusive ? (byte)'[' : (byte)'(', .. _rows.Key(range.Lower!)] : "-"u8.ToArray();

    private byte[] Upper(KeyRange<TKey> range) => range.HasUpper ? [range.UpperInclusive ? (byte)'[' : (byte)'(', .. _rows.Key(range.Upper!)] : "+"u8.ToArray();
}
