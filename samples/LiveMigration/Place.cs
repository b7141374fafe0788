using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Npgsql;
using ScaleKit.Migration;

namespace LiveMigration;

/// <summary>Where the rows are: an SQLite file, and another one or a PostgreSQL table.</summary>
internal sealed record Place(string Folder, string? Postgres, string NewTable)
{
    public const string OldTable = "messages";

    // The same for a folder whenever the program is started on it, so that a migration goes on; another for each folder, as several may share a PostgreSQL.
    public static string NewTableOf(string folder) => $"live_migration_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder)).AsSpan(0, 5))}";

    public SqlStore<string, string> OpenOld() => new(() => Sqlite("old"), new() { Table = OldTable, Value = ValueFormat.Text });

    public SqlStore<string, string> OpenNew() => new(ConnectNew, new()
    {
        Table = NewTable,
        Value = ValueFormat.Text,
        Dialect = Postgres is null ? SqlDialect.Sqlite : SqlDialect.PostgreSql,
    });

    // The phase stands beside the old rows: it is there as long as they are.
    public SqlJournal OpenJournal() => new(() => Sqlite("old"));

    public DbConnection ConnectNew() => Postgres is null ? Sqlite("new") : new NpgsqlConnection(Postgres);

    public void RefuseIfUsed()
    {
        if (File.Exists(FileOf("old")))
        {
            throw new IOException($"{FileOf("old")} is already there: choose another --data folder.");
        }
    }

    private SqliteConnection Sqlite(string name) => new(new SqliteConnectionStringBuilder { DataSource = FileOf(name), Pooling = false }.ToString());

    private string FileOf(string name) => Path.Combine(Folder, name + ".db");
}
