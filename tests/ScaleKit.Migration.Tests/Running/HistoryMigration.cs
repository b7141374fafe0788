using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace ScaleKit.Migration.Tests;

/// <summary>The migration of the history tests as each of its processes opens it. Without a server the new store is a second file.</summary>
internal sealed class HistoryMigration : IAsyncDisposable
{
    private readonly SqlJournal _journal;
    private readonly MigrationLadder _ladder;

    public HistoryMigration(string folder, string table, string postgres)
    {
        Old = new SqlStore<string, string>(() => Sqlite(folder, "old"), new() { Table = "messages", Value = ValueFormat.Text });
        New = new SqlStore<string, string>(
            () => postgres.Length == 0 ? Sqlite(folder, "new") : Postgres(postgres),
            new() { Table = table, Value = ValueFormat.Text, Dialect = postgres.Length == 0 ? SqlDialect.Sqlite : SqlDialect.PostgreSql });
        _journal = new SqlJournal(() => Sqlite(folder, "old"));
        var options = new MigrationOptions
        {
            BackfillBatchSize = 20,
            MirrorTimeout = TimeSpan.FromSeconds(1),
            MoveTimeout = TimeSpan.FromSeconds(5),
            RepairInterval = TimeSpan.FromMilliseconds(20),
            RepairBackoffMaximum = TimeSpan.FromMilliseconds(250),
        };
        _ladder = new MigrationLadder(Old, New, options, _journal);
        Repository = new DualWriteRepository<string, string>(Old, New, _ladder);
        Runner = new MigrationRunner<string, string>(Repository);
    }

    public SqlStore<string, string> Old { get; }

    public SqlStore<string, string> New { get; }

    public DualWriteRepository<string, string> Repository { get; }

    public MigrationRunner<string, string> Runner { get; }

    public async ValueTask DisposeAsync()
    {
        await Repository.DisposeAsync();
        _ladder.Dispose();
        await Old.DisposeAsync();
        await New.DisposeAsync();
        await _journal.DisposeAsync();
    }

    private static SqliteConnection Sqlite(string folder, string name) => new($"Data Source={Path.Combine(folder, name + ".db")};Pooling=False");

    // Short enough that a killed server is noticed within a test.
    private static DbConnection Postgres(string connection) =>
        new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connection) { Timeout = 5, CommandTimeout = 20, Pooling = false }.ToString());
}
