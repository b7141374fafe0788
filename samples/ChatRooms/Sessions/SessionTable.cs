using Microsoft.Data.Sqlite;

namespace ChatRooms;

/// <summary>The sessions' system of record: one SQLite table. It is what the cache protects.</summary>
internal sealed class SessionTable(DataFolder folder)
{
    private readonly string _connectionString = new SqliteConnectionStringBuilder { DataSource = folder.Sessions, DefaultTimeout = 5 }.ToString();
    private readonly SemaphoreSlim _oneWriter = new(1, 1);

    public async Task CreateAsync(CancellationToken cancellationToken) =>
        await ExecuteAsync(
            """
            PRAGMA journal_mode = WAL;
            CREATE TABLE IF NOT EXISTS sessions (hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, nickname TEXT NOT NULL, opened_at INTEGER NOT NULL) WITHOUT ROWID;
            """,
            [],
            cancellationToken);

    public Task InsertAsync(string hash, Session session, CancellationToken cancellationToken) =>
        ExecuteAsync(
            "INSERT INTO sessions (hash, user_id, nickname, opened_at) VALUES ($hash, $user, $nickname, $at)",
            [("$hash", hash), ("$user", session.UserId), ("$nickname", session.Nickname), ("$at", session.OpenedAt)],
            cancellationToken);

    public Task DeleteAsync(string hash, CancellationToken cancellationToken) =>
        ExecuteAsync("DELETE FROM sessions WHERE hash = $hash", [("$hash", hash)], cancellationToken);

    public async ValueTask<Session?> FindAsync(string hash, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection(_connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT user_id, nickname, opened_at FROM sessions WHERE hash = $hash";
        command.Parameters.AddWithValue("$hash", hash);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? new Session(reader.GetString(0), reader.GetString(1), reader.GetInt64(2)) : null;
    }

    private async Task ExecuteAsync(string sql, (string Name, object Value)[] parameters, CancellationToken cancellationToken)
    {
        await _oneWriter.WaitAsync(cancellationToken);
        try
        {
            await using var connection = new SqliteConnection(_connectionString);
            await connection.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA synchronous = NORMAL; " + sql;
            foreach (var (name, value) in parameters)
                command.Parameters.AddWithValue(name, value);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        finally
        {
            _oneWriter.Release();
        }
    }
}
