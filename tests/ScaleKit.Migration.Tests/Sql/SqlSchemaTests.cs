using System.Data.Common;
using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

/// <summary>A table of the user's: what it lacks is named, the named statements help, and its rows take part.</summary>
public sealed class SqlSchemaTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private readonly TestFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PrepareAsync_TableWithoutColumns_NamesTheStatementsThatHelp(bool onPostgres)
    {
        await using DbConnection connection = onPostgres ? postgres.Source().CreateConnection() : _files.Connect("own")();
        await connection.OpenAsync();
        var table = onPostgres ? postgres.NextTable() : "own";
        await RunAsync(connection, $"CREATE TABLE {table} (id VARCHAR(100) PRIMARY KEY, body TEXT); INSERT INTO {table} VALUES ('a', 'hello')");
        await using (var refused = Open(table, onPostgres))
        {
            var missing = await Assert.ThrowsAsync<StoreSchemaException>(async () => await refused.ReadAsync("a"));
            Assert.Contains("lacks 3 columns", missing.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<StoreSchemaException>(async () => await refused.WriteAsync(new("b", "1", 1)));
            Assert.Equal(1L, Convert.ToInt64(await RunAsync(connection, $"SELECT count(*) FROM {table}"), null));
            foreach (var statement in missing.Message.Split(["Run: ", "; ", " Or set"], StringSplitOptions.None).Where(static s => s.StartsWith("ALTER", StringComparison.Ordinal)))
            {
                await RunAsync(connection, statement);
            }
        }

        await using var store = Open(table, onPostgres);
        Assert.Equal(VersionedValue.Live("hello", new(1, 1)), await store.ReadAsync("a"));
        Assert.Equal(new RowVersion(1, 2), (await store.WriteAsync(new("a", null, 1) { IsDelete = true })).Version);
        Assert.True((await store.ReadAsync("a")).IsDeleted);
    }

    [Fact]
    public async Task PrepareAsync_OtherColumnNames_Named()
    {
        await using var connection = _files.Connect("own")();
        await connection.OpenAsync();
        await RunAsync(connection, "CREATE TABLE own (id TEXT PRIMARY KEY, body TEXT)");
        await using var store = _files.Store("own");

        Assert.Contains("\"key\"", (await Assert.ThrowsAsync<StoreSchemaException>(async () => await store.ReadAsync("a"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PrepareAsync_NoTableAndNoneToCreate_Named()
    {
        await using var store = _files.Store("own", o => o.CreateTables = false);

        Assert.Contains("no table 'own'", (await Assert.ThrowsAsync<StoreSchemaException>(async () => await store.ReadAsync("a"))).Message, StringComparison.Ordinal);
    }

    private SqlStore<string, string> Open(string table, bool onPostgres)
    {
        static void Columns(SqlStoreOptions<string, string> options) => (options.KeyColumn, options.ValueColumn) = ("id", "body");
        return onPostgres ? postgres.Store(table, Columns) : _files.Store(table, Columns);
    }

    private static async Task<object?> RunAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }
}
