using Microsoft.Data.Sqlite;

namespace ShardRouting;

/// <summary>One SQLite file with a part of the users. The slot stands beside every row, so that a slot can be copied and deleted by an index.</summary>
internal sealed class UserShard(string file)
{
    private readonly string _connection = new SqliteConnectionStringBuilder { DataSource = file }.ToString();

    public async Task CreateAsync() => await ExecuteAsync(
        "CREATE TABLE users (id TEXT PRIMARY KEY, slot INTEGER NOT NULL, name TEXT NOT NULL) WITHOUT ROWID; CREATE INDEX users_by_slot ON users (slot)");

    public async Task InsertAsync(IEnumerable<UserRow> rows)
    {
        await using var connection = await OpenAsync();
        await using var transaction = connection.BeginTransaction();
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "INSERT INTO users (id, slot, name) VALUES ($id, $slot, $name)";
        var id = command.Parameters.Add("$id", SqliteType.Text);
        var slot = command.Parameters.Add("$slot", SqliteType.Integer);
        var name = command.Parameters.Add("$name", SqliteType.Text);
        foreach (var row in rows)
        {
            (id.Value, slot.Value, name.Value) = (row.Id, row.Slot, row.Name);
            await command.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
    }

    public async Task<List<UserRow>> ReadSlotsAsync(int first, int last)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, slot, name FROM users WHERE slot BETWEEN $first AND $last";
        command.Parameters.AddWithValue("$first", first);
        command.Parameters.AddWithValue("$last", last);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<UserRow>();
        while (await reader.ReadAsync())
        {
            rows.Add(new UserRow(reader.GetString(0), reader.GetInt32(1), reader.GetString(2)));
        }

        return rows;
    }

    public async Task DeleteSlotsAsync(int first, int last) => await ExecuteAsync(
        "DELETE FROM users WHERE slot BETWEEN $first AND $last", ("$first", first), ("$last", last));

    public async Task<List<UserRow>> ReadAllAsync() => await ReadSlotsAsync(0, int.MaxValue);

    private async Task ExecuteAsync(string sql, params (string Name, object Value)[] parameters)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        await command.ExecuteNonQueryAsync();
    }

    private async Task<SqliteConnection> OpenAsync()
    {
        var connection = new SqliteConnection(_connection);
        await connection.OpenAsync();
        return connection;
    }
}
