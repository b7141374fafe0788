using System.Data.Common;

namespace ScaleKit.Migration;

/// <summary>
/// A journal in three small tables of an SQL database: the phase, the checkpoints, the leases of the instances and the audit log outlive the process. Thread-safe, also between processes.
/// </summary>
/// <remarks>Leases end by the database server's clock; with SQLite, by that of the machine that all its processes run on.</remarks>
public sealed class SqlJournal : IMigrationJournal, IAsyncDisposable
{
    private readonly SqlSessionPool _pool;
    private readonly SqlStatement _read;
    private readonly SqlStatement _insert;
    private readonly SqlStatement _update;
    private readonly SqlStatement _takeLease;
    private readonly SqlStatement _renewLease;
    private readonly SqlStatement _readLeases;
    private readonly SqlStatement _removeLease;
    private readonly SqlStatement _countLease;
    private readonly SqlStatement _append;
    private readonly SqlStatement _readAudit;

    /// <summary>A journal on connections that a function makes, closed, one a call. The tables are created at the first use.</summary>
    /// <param name="connect">Makes a connection.</param>
    /// <param name="dialect">The database's way of speaking SQL; SQLite unless given.</param>
    /// <param name="table">The table of the documents; those of the leases and of the audit log are named after it.</param>
    /// <exception cref="ArgumentNullException"><paramref name="connect"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="table"/> is not a plain identifier.</exception>
    public SqlJournal(Func<DbConnection> connect, SqlDialect? dialect = null, string table = "scalekit_migration")
    {
        ArgumentNullException.ThrowIfNull(connect);
        var speech = dialect ?? SqlDialect.Sqlite;
        var names = new SqlJournalNames(speech, SqlIdentifier.Check(table, nameof(table)));
        var now = speech.NowMilliseconds;
        _pool = new SqlSessionPool(connect, speech, 1, (session, cancellation) => session.RunAllAsync(speech.CreateJournal(names), cancellation));
        _read = new($"SELECT text, revision FROM {names.Documents} WHERE name = @name", "name");
        _insert = new($"INSERT INTO {names.Documents} (name, revision, text) VALUES (@name, 1, @text) ON CONFLICT (name) DO NOTHING", "name", "text");
        _update = new($"UPDATE {names.Documents} SET text = @text, revision = revision + 1 WHERE name = @name AND revision = @revision", "name", "text", "revision");
        _takeLease = new(
            $"INSERT INTO {names.Leases} (fleet, holder, acknowledged, ends) VALUES (@fleet, @holder, 0, {now} + @duration) RETURNING number", "fleet", "holder", "duration");
        _renewLease = new(
            $"UPDATE {names.Leases} SET acknowledged = @acknowledged, ends = {now} + @duration WHERE fleet = @fleet AND number = @number",
            "acknowledged", "duration", "fleet", "number");
        _readLeases = new($"SELECT number, holder, acknowledged, ends - {now} FROM {names.Leases} WHERE fleet = @fleet ORDER BY number", "fleet");
        _removeLease = new($"DELETE FROM {names.Leases} WHERE fleet = @fleet AND number = @number AND (@ended = 0 OR ends <= {now})", "fleet", "number", "ended");
        _countLease = new($"SELECT count(*) FROM {names.Leases} WHERE fleet = @fleet AND number = @number", "fleet", "number");
        _append = new($"INSERT INTO {names.Audit} (fleet, at, text) VALUES (@fleet, {now}, @text)", "fleet", "text");
        _readAudit = new($"SELECT number, at, text FROM {names.Audit} WHERE fleet = @fleet AND number > @after ORDER BY number LIMIT @limit", "fleet", "after", "limit");
    }

    /// <inheritdoc/>
    public ValueTask<JournalEntry?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return _pool.UseAsync(
            async (session, cancellation) =>
            {
                var reader = await session.QueryAsync(_read, cancellation, name).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    return await reader.ReadAsync(cancellation).ConfigureAwait(false) ? new JournalEntry(reader.GetString(0), reader.GetInt64(1)) : null;
                }
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryWriteAsync(string name, long expectedRevision, string text, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegative(expectedRevision);
        return _pool.UseAsync(
            async (session, cancellation) =>
            {
                var changed = expectedRevision == 0
                    ? await session.ExecuteAsync(_insert, cancellation, name, text).ConfigureAwait(false)
                    : await session.ExecuteAsync(_update, cancellation, name, text, expectedRevision).ConfigureAwait(false);
                return changed == 1;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long> TakeLeaseAsync(string fleet, string holder, TimeSpan duration, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(fleet);
        ArgumentException.ThrowIfNullOrEmpty(holder);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        return _pool.UseAsync(
            async (session, cancellation) =>
                await session.IntegerAsync(_takeLease, cancellation, fleet, holder, Milliseconds(duration)).ConfigureAwait(false)
                ?? throw new InvalidOperationException("The database gave the lease no number."),
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> RenewLeaseAsync(string fleet, long number, long acknowledged, TimeSpan duration, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(fleet);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        return _pool.UseAsync(
            async (session, cancellation) =>
                await session.ExecuteAsync(_renewLease, cancellation, acknowledged, Milliseconds(duration), fleet, number).ConfigureAwait(false) == 1,
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<InstanceLease>> GetLeasesAsync(string fleet, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(fleet);
        return ListAsync(_readLeases, static row => new InstanceLease(row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3) <= 0), cancellationToken, fleet);
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveLeaseAsync(string fleet, long number, bool onlyIfEnded, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(fleet);
        return _pool.UseAsync(
            async (session, cancellation) =>
                await session.ExecuteAsync(_removeLease, cancellation, fleet, number, onlyIfEnded ? 1L : 0L).ConfigureAwait(false) == 1
                || await session.IntegerAsync(_countLease, cancellation, fleet, number).ConfigureAwait(false) == 0,
            cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask AppendAuditAsync(string fleet, string text, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(fleet);
        ArgumentNullException.ThrowIfNull(text);
        await _pool.UseAsync((session, cancellation) => session.ExecuteAsync(_append, cancellation, fleet, text), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JournalAuditRecord>> ReadAuditAsync(string fleet, long after, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(fleet);
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return ListAsync(
            _readAudit,
            static row => new JournalAuditRecord(row.GetInt64(0), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)), row.GetString(2)),
            cancellationToken,
            fleet,
            after,
            (long)limit);
    }

    /// <summary>Closes the connection.</summary>
    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    private static long Milliseconds(TimeSpan duration) => Math.Max(1, (long)duration.TotalMilliseconds);

    private ValueTask<IReadOnlyList<T>> ListAsync<T>(SqlStatement statement, Func<DbDataReader, T> read, CancellationToken cancellationToken, params object[] values) =>
        _pool.UseAsync<IReadOnlyList<T>>(
            async (session, cancellation) =>
            {
                var rows = new List<T>();
                var reader = await session.QueryAsync(statement, cancellation, values).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
                    {
                        rows.Add(read(reader));
                    }
                }

                return rows;
            },
            cancellationToken);
}
