using Microsoft.Data.Sqlite;

namespace ChatRooms;

/// <summary>Reads message files with plain SQL, past the library: what is there is there.</summary>
internal static class StoredFiles
{
    public static async Task<IReadOnlyList<StoredMessage>> ReadAsync(IEnumerable<string> files)
    {
        var rows = new List<StoredMessage>();
        foreach (var file in files)
        {
            var connectionString = new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false };
            await using var connection = new SqliteConnection(connectionString.ToString());
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = $"SELECT key, value FROM {MessageFiles.Table} WHERE row_deleted = 0";
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                var message = JsonSerializer.Deserialize(reader.GetString(1), ChatJson.Default.ChatMessage)!;
                rows.Add(new StoredMessage(reader.GetString(0), Path.GetFileNameWithoutExtension(file), message));
            }
        }
        return rows;
    }
}
