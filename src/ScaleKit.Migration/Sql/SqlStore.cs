using System.Data.Common;

namespace ScaleKit.Migration;

/// <summary>
/// A versioned store in a table of an SQL database, over plain ADO.NET: bring the connection, no provider comes with this package. Thread-safe. Values are
/// parameters, names are checked and quoted.
/// </summary>
/// <remarks>
/// A write is one transaction: fence, expected version, row, version and outbox entry together. Writes that wait at the same time share a commit, so that a few hundred a
/// second do not wait for the disk one by one. Reads use their own connections. SQLite runs in WAL mode and every commit reaches the disk before it is acknowledged.
/// </remarks>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class SqlStore<TKey, TValue> : IVersionedStore<TKey, TValue>, IAsyncDisposable
    where TKey : notnull
{
    private readonly SqlSessionPool _pool;
    private readonly SqlWriteQueue _writes;
    private readonly Func<DbConnection> _connect;
    private readonly SqlStatements _sql;
    private readonly string? _shutOutWriters;
    private readonly StringComparison _sameTable;
    private readonly SqlRows<TKey, TValue> _rows;

    /// <summary>A store on the connections of a data source.</summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or a name is not a plain identifier.</exception>
    public SqlStore(DbDataSource source, SqlStoreOptions<TKey, TValue> options)
        : this((source ?? throw new ArgumentNullException(nameof(source))).CreateConnection, options)
    {
    }

    /// <summary>A store on connections that a function makes, closed, one a call.</summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or a name is not a plain identifier.</exception>
    public SqlStore(Func<DbConnection> connect, SqlStoreOptions<TKey, TValue> options)
    {
        ArgumentNullException.ThrowIfNull(connect);
        ArgumentNullException.ThrowIfNull(options);
        _connect = connect;
        var settings = options.CopyValidated();
        var dialect = settings.Dialect;
        var names = new SqlNames(dialect, settings.Table, settings.KeyColumn, settings.ValueColumn, settings.VersionsInSideTable);
        Name = settings.Table;
        Keys = settings.Key ?? KeyFormat.For<TKey>();
        _sql = new SqlStatements(dialect, names, settings.Value.IsText);
        _rows = new SqlRows<TKey, TValue>(Keys, settings.Value, settings.MaximumValueLength);
        var schema = new SqlSchema(dialect, names, settings.CreateTables ? dialect.CreateStore(names, Keys.IsInteger, settings.Value.IsText) : [], settings.Table);
        _pool = new SqlSessionPool(connect, dialect, settings.ReadConnections, schema.PrepareAsync);
        _shutOutWriters = dialect.ShutOutWriters(names);
        _sameTable = dialect.SameTable;
        _writes = new SqlWriteQueue(Name, _pool, dialect.BeginWrite(names), settings.WriteBatchSize, settings.WriteQueueCapacity);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public KeyFormat<TKey> Keys { get; }

    /// <inheritdoc/>
    public StoreCapabilities Capabilities => StoreCapabilities.All;

    /// <summary>
    /// Whether another store object stands on the same table of the same database, as their connections name it. A migration between two such objects is refused: it would copy the table onto itself.
    /// </summary>
    public override bool Equals(object? obj) =>
        ReferenceEquals(this, obj) || (obj is SqlStore<TKey, TValue> other && string.Equals(other.Name, Name, _sameTable) && other.Database() == Database());

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(_sameTable);

    /// <inheritdoc/>
    public ValueTask<VersionedValue<TValue>> ReadAsync(TKey key, CancellationToken cancellationToken = default)
    {
        var column = _rows.KeyColumn(key);
        return _pool.UseAsync((session, cancellation) => ReadOneAsync(session, column, cancellation), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<VersionedEntry<TKey, TValue>>> ReadManyAsync(IReadOnlyList<TKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (_sql.ReadMany is { } atOnce)
        {
            var array = _rows.KeyColumns(keys);
            return _pool.UseAsync((session, cancellation) => ReadAtOnceAsync(session, atOnce, keys, array, cancellation), cancellationToken);
        }

        var columns = keys.Select(_rows.KeyColumn).ToArray();
        return _pool.UseAsync<IReadOnlyList<VersionedEntry<TKey, TValue>>>(
            async (session, cancellation) =>
            {
                var rows = new VersionedEntry<TKey, TValue>[columns.Length];
                for (var i = 0; i < rows.Length; i++)
                {
                    rows[i] = new(keys[i], await ReadOneAsync(session, columns[i], cancellation).ConfigureAwait(false));
                }

                return rows;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="StoreOverloadedException">Too many writes wait already.</exception>
    public ValueTask<WriteResult> WriteAsync(SequencedWrite<TKey, TValue> write, CancellationToken cancellationToken = default)
    {
        var key = _rows.KeyColumn(write.Key);
        var value = write.IsDelete ? DBNull.Value : _rows.ValueColumn(write.Value);
        return _writes.RunAsync(session => new SqlSequencer<TKey, TValue>(_sql, session).WriteAsync(write, key, value, ReadOneAsync), cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="StoreOverloadedException">Too many writes wait already.</exception>
    public ValueTask<bool> ApplyIfNewerAsync(VersionedEntry<TKey, TValue> entry, CancellationToken cancellationToken = default)
    {
        var values = _rows.Columns(entry);
        return _writes.RunAsync(
            session => new SqlSequencer<TKey, TValue>(_sql, session).ApplyAsync(values), cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="StoreOverloadedException">Too many writes wait already.</exception>
    public ValueTask<int> ApplyManyIfNewerAsync(IReadOnlyList<VersionedEntry<TKey, TValue>> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (_sql.ApplyMany is { } atOnce)
        {
            var arrays = _rows.ColumnArrays(entries);
            return _writes.RunAsync(session => session.ExecuteAsync(atOnce, CancellationToken.None, arrays), cancellationToken);
        }

        var rows = entries.Select(_rows.Columns).ToArray();
        return _writes.RunAsync(
            async session =>
            {
                var newer = 0;
                foreach (var row in rows)
                {
                    newer += await new SqlSequencer<TKey, TValue>(_sql, session).ApplyAsync(row).ConfigureAwait(false) ? 1 : 0;
                }

                return newer;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<ScanPage<TKey, TValue>> ScanAsync(ScanRequest<TKey> request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _pool.UseAsync(
            async (session, cancellation) =>
            {
                // One more than asked for: it tells whether there is a next page.
                var values = _rows.Bounds(request.Range, request.Limit + 1L);
                var entries = new List<VersionedEntry<TKey, TValue>>(Math.Min(request.Limit, 256));
                var reader = await session.QueryAsync(_sql.Scan(request), cancellation, values).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
                    {
                        if (entries.Count == request.Limit)
                        {
                            return new ScanPage<TKey, TValue>(entries, HasMore: true);
                        }

                        entries.Add(new(_rows.Key(reader, 4), _rows.Row(reader)));
                    }
                }

                return new ScanPage<TKey, TValue>(entries, HasMore: false);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<KeyRange<TKey>> ChunkAsync(KeyRange<TKey> range, int rows, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        return _pool.UseAsync(
            async (session, cancellation) =>
            {
                var reader = await session.QueryAsync(_sql.Chunk(range), cancellation, _rows.Bounds(range, rows - 1L)).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    if (!await reader.ReadAsync(cancellation).ConfigureAwait(false))
                    {
                        return range;
                    }

                    var last = _rows.Key(reader, 0);
                    return await reader.ReadAsync(cancellation).ConfigureAwait(false) ? range.Through(last) : range;
                }
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<RangeDigest> DigestAsync(KeyRange<TKey> range, CancellationToken cancellationToken = default) =>
        _pool.UseAsync(
            async (session, cancellation) =>
            {
                var digest = default(RangeDigest);
                var reader = await session.QueryAsync(_sql.Live(range), cancellation, _rows.Bounds(range)).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
                    {
                        digest = digest.Add(new(1, _rows.Hash(reader)));
                    }
                }

                return digest;
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<long> CountAsync(KeyRange<TKey> range, CancellationToken cancellationToken = default) =>
        _pool.UseAsync(
            async (session, cancellation) => await session.IntegerAsync(_sql.Count(range), cancellation, _rows.Bounds(range)).ConfigureAwait(false) ?? 0,
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<long> FenceAsync(long epoch, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        return _writes.RunAsync(
            async session =>
            {
                if (epoch > 0 && _shutOutWriters is { } alone)
                {
                    await session.RunAsync(alone, CancellationToken.None).ConfigureAwait(false);
                }

                await session.ExecuteAsync(_sql.RaiseFence, CancellationToken.None, epoch).ConfigureAwait(false);
                return await session.IntegerAsync(_sql.Fence, CancellationToken.None).ConfigureAwait(false)
                    ?? throw new MigrationStateException($"The store '{Name}' has no fence row; let it create its tables.");
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<OutboxStatus> GetOutboxStatusAsync(CancellationToken cancellationToken = default) =>
        _pool.UseAsync(
            async (session, cancellation) =>
            {
                var reader = await session.QueryAsync(_sql.OutboxStatus, cancellation).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    await reader.ReadAsync(cancellation).ConfigureAwait(false);
                    var next = (reader.IsDBNull(2) ? 0 : reader.GetInt64(2)) + 1;
                    return new OutboxStatus([new(reader.GetInt64(0), reader.IsDBNull(1) ? next : reader.GetInt64(1), next)]);
                }
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<OutboxEntry<TKey>>> PeekOutboxAsync(int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return _pool.UseAsync<IReadOnlyList<OutboxEntry<TKey>>>(
            async (session, cancellation) =>
            {
                var entries = new List<OutboxEntry<TKey>>();
                var reader = await session.QueryAsync(_sql.PeekDebts, cancellation, limit).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
                    {
                        entries.Add(new(_rows.Key(reader, 0), new(reader.GetInt64(1), reader.GetInt64(2)), reader.GetInt64(3)));
                    }
                }

                return entries;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask AcknowledgeOutboxAsync(IReadOnlyList<OutboxEntry<TKey>> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        await _writes.RunAsync(
            async session =>
            {
                if (_sql.RemoveDebts is { } atOnce)
                {
                    return await session.ExecuteAsync(atOnce, CancellationToken.None, entries.Select(static e => e.Sequence).ToArray()).ConfigureAwait(false);
                }

                foreach (var entry in entries)
                {
                    await session.ExecuteAsync(_sql.RemoveDebt, CancellationToken.None, entry.Sequence).ConfigureAwait(false);
                }

                return entries.Count;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finishes the writes that have begun and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writes.DisposeAsync().ConfigureAwait(false);
        await _pool.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<IReadOnlyList<VersionedEntry<TKey, TValue>>> ReadAtOnceAsync(
        SqlSession session, SqlStatement statement, IReadOnlyList<TKey> keys, object array, CancellationToken cancellationToken)
    {
        var found = new Dictionary<TKey, VersionedValue<TValue>>(keys.Count);
        var reader = await session.QueryAsync(statement, cancellationToken, array).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                found[_rows.Key(reader, 4)] = _rows.Row(reader);
            }
        }

        return [.. keys.Select(key => new VersionedEntry<TKey, TValue>(key, found.GetValueOrDefault(key)))];
    }

    private async ValueTask<VersionedValue<TValue>> ReadOneAsync(SqlSession session, object key, CancellationToken cancellationToken)
    {
        var reader = await session.QueryAsync(_sql.Read, cancellationToken, key).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            return await reader.ReadAsync(cancellationToken).ConfigureAwait(false) ? _rows.Row(reader) : default;
        }
    }

    private (string Server, string Database) Database()
    {
        using var connection = _connect();
        return (connection.DataSource, connection.Database);
    }
}
