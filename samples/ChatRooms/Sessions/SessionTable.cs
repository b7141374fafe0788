namespace ChatRooms;

/// <summary>The sessions' system of record: one SQLite table. It is what the cache protects.</summary>
internal sealed class SessionTable(DataFolder folder)
{
    private readonly SqliteFile _file = new(
        folder.Sessions, "sessions (hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, nickname TEXT NOT NULL, opened_at INTEGER NOT NULL) WITHOUT ROWID");

    public async Task InsertAsync(string hash, Session session, CancellationToken cancellationToken) =>
        await _file.WriteAsync(
            "INSERT INTO sessions (hash, user_id, nickname, opened_at) VALUES ($hash, $user, $nickname, $at)",
            cancellationToken,
            ("$hash", hash), ("$user", session.UserId), ("$nickname", session.Nickname), ("$at", session.OpenedAt));

    public async Task DeleteAsync(string hash, CancellationToken cancellationToken) =>
        await _file.WriteAsync("DELETE FROM sessions WHERE hash = $hash", cancellationToken, ("$hash", hash));

    public ValueTask<Session?> FindAsync(string hash, CancellationToken cancellationToken) =>
        _file.FirstAsync(
            "SELECT user_id, nickname, opened_at FROM sessions WHERE hash = $hash",
            static row => new Session(row.GetString(0), row.GetString(1), row.GetInt64(2)),
            cancellationToken,
            ("$hash", hash));
}
