using Microsoft.Data.Sqlite;
using ScaleKit.Migration;

namespace ChatRooms;

/// <summary>The five SQLite files as stores: the one on which it begins, and the four to which it moves.</summary>
internal sealed class MessageFiles : IAsyncDisposable
{
    public const string Table = "messages";

    private readonly SqlStore<string, ChatMessage>[] _shards;
    private readonly SqlStore<string, ChatMessage> _oneFile;

    public MessageFiles(DataFolder folder)
    {
        _oneFile = Open(folder.OneFile);
        _shards = [.. folder.Shards.Select(Open)];
    }

    public IVersionedStore<string, ChatMessage> OneFile => _oneFile;

    public IReadOnlyList<IVersionedStore<string, ChatMessage>> Shards => _shards;

    /// <summary>Where the phase of the migration is kept, so that a restart goes on from it.</summary>
    public static SqlJournal Journal(DataFolder folder) => new(Connect(folder.OneFile));

    public async ValueTask DisposeAsync()
    {
        await _oneFile.DisposeAsync();
        foreach (var shard in _shards)
            await shard.DisposeAsync();
    }

    private static SqlStore<string, ChatMessage> Open(string file) => new(
        Connect(file),
        new SqlStoreOptions<string, ChatMessage> { Table = Table, Value = ValueFormat.Json(ChatJson.Default.ChatMessage) });

    private static Func<SqliteConnection> Connect(string file)
    {
        // The store keeps its own few connections open; a pool beneath would keep the file open after them.
        var connectionString = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString();
        return () => new SqliteConnection(connectionString);
    }
}
