using System.Data.Common;

namespace ScaleKit.Migration;

/// <summary>A journal in a small table of an SQL database: the phase and the checkpoints outlive the process. Thread-safe, also between processes.</summary>
public sealed class SqlJournal : IMigrationJournal, IAsyncDisposable
{
    private readonly SqlSessionPool _pool;
    private readonly SqlStatement _read;
    private readonly SqlStatement _insert;
    private readonly SqlStatement _update;

    /// <summary>A journal on connections that a function makes, closed, one a call. The table is created at the first use.</summary>
    /// <param name="connect">Makes a connection.</param>
    /// <param name="dialect">The database's way of speaking SQL; SQLite unless given.</param>
    /// <param name="table">The table.</param>
    /// <exception cref="ArgumentNullException"><paramref name="connect"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="table"/> is not a plain identifier.</exception>
    public SqlJournal(Func<DbConnection> connect, SqlDialect? dialect = null, string table = "scalekit_migration")
    {
        ArgumentNullException.ThrowIfNull(connect);
        var speech = dialect ?? SqlDialect.Sqlite;
        var name = speech.Quote(SqlIdentifier.Check(table, nameof(table)));
        _pool = new SqlSessionPool(connect, speech, 1, (session, cancellation) => session.RunAllAsync(speech.CreateJournal(name), cancellation));
        _read = new SqlStatement($"SELECT text, revision FROM {name} WHERE name = @name", "name");
        _insert = new SqlStatement($"INSERT INTO {name} (name, revision, text) VALUES (@name, 1, @text) ON CONFLICT (name) DO NOTHING", "name", "text");
        _update = new SqlStatement(
            $"UPDATE {name} SET text = @text, revision = revision + 1 WHERE name = @name AND revision = @revision", "name", "text", "revision");
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

    /// <summary>Closes the connection.</summary>
    public ValueTask DisposeAsync() => _pool.DisposeAsync();
}
