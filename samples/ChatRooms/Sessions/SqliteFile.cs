using Microsoft.Data.Sqlite;

namespace ChatRooms;

/// <summary>A small SQLite file: readers side by side, one writer at a time. Values are parameters.</summary>
internal sealed class SqliteFile(string path, string table)
{
    private readonly string _connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 10 }.ToString();
    private readonly SemaphoreSlim _oneWriter = new(1, 1);
    private volatile bool _created;

    public async ValueTask<int> WriteAsync(string sql, CancellationToken cancellationToken, params (string Name, object Value)[] parameters)
    {
        await _oneWriter.WaitAsync(cancellationToken);
        try
        {
            await using var connection = await OpenAsync(cancellationToken);
            await using var command = Command(connection, sql, parameters);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }
        finally
        {
            _oneWriter.Release();
        }
    }

    /// <summary>The first row, or the default.</summary>
    public async ValueTask<T?> FirstAsync<T>(
        string sql, Func<SqliteDataReader, T> read, CancellationToken cancellationToken, params (string Name, object Value)[] parameters)
    {
        if (!_created)
            await WriteAsync("SELECT 1", cancellationToken);
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = Command(connection, sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? read(reader) : default;
    }

    private async ValueTask<SqliteConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(_connectionString);
        await connection.OpenAsync(cancellationToken);
        // NORMAL: after a power loss the last moments of a session or of the cache may be missing, never a torn file.
        await using var command = Command(connection, "PRAGMA synchronous = NORMAL;" + (_created ? "" : $"PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS {table};"), []);
        await command.ExecuteNonQueryAsync(cancellationToken);
        _created = true;
        return connection;
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, (string Name, object Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command;
    }
}
