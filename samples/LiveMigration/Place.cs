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

    private const int SecondsToReach = 3;

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

    // Before anything is written: the ladder itself notices in the backfill only, which tries again and again, as phase B never waits for the new store.
    public async Task ReachAsync()
    {
        if (Postgres is null)
        {
            return;
        }

        try
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Postgres) { Timeout = SecondsToReach }.ConnectionString);
            await connection.OpenAsync();
        }
        catch (Exception failure) when (failure is NpgsqlException or ArgumentException or TimeoutException)
        {
            throw new IOException($"--postgres: {failure.Message}", failure);
        }
    }

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
