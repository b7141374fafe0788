using Microsoft.Data.Sqlite;

namespace ScaleKit.Migration.Tests;

/// <summary>SQLite files of one test, in a folder of their own that goes with it.</summary>
public sealed class TestFiles : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("scalekit-migration-");

    public string PathOf(string name) => Path.Combine(_folder.FullName, name + ".db");

    public Func<SqliteConnection> Connect(string name)
    {
        var connection = new SqliteConnectionStringBuilder { DataSource = PathOf(name), Pooling = false }.ToString();
        return () => new SqliteConnection(connection);
    }

    public SqlStore<string, string> Store(string name, Action<SqlStoreOptions<string, string>>? configure = null)
    {
        var options = new SqlStoreOptions<string, string> { Table = name, Value = ValueFormat.Text };
        configure?.Invoke(options);
        return new SqlStore<string, string>(Connect(name), options);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
