using Microsoft.Data.Sqlite;

namespace ChatRooms;

/// <summary>Where the SQLite files lie: a named folder that stays, or a temporary one that goes with the program.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly bool _temporary;

    public DataFolder(string? path)
    {
        _temporary = path is null;
        Root = path is null ? Directory.CreateTempSubdirectory("chatrooms-").FullName : Directory.CreateDirectory(path).FullName;
    }

    public string Root { get; }

    public string Sessions => Path.Combine(Root, "sessions.db");

    public string Cache => Path.Combine(Root, "session-cache.db");

    /// <summary>The one file on which the messages begin.</summary>
    public string OneFile => Path.Combine(Root, "messages.db");

    /// <summary>The four files to which they move.</summary>
    public IReadOnlyList<string> Shards => [.. Enumerable.Range(0, 4).Select(number => Path.Combine(Root, $"shard-{number}.db"))];

    public void Dispose()
    {
        if (!_temporary)
            return;
        SqliteConnection.ClearAllPools();
        try
        {
            Directory.Delete(Root, recursive: true);
        }
        catch (IOException)
        {
            // A file is still open somewhere: the system clears its temporary folder itself.
        }
    }
}
