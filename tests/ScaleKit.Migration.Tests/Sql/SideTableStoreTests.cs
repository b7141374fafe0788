using Microsoft.Data.Sqlite;

namespace ScaleKit.Migration.Tests;

/// <summary>The contract with the versions in a table of their own, and what only that needs: the user's table stays as it is.</summary>
public sealed class SideTableStoreTests : VersionedStoreContract
{
    private readonly TestFiles _files = new();
    private SqlStore<string, string>? _store;

    public override async Task DisposeAsync()
    {
        await _store!.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task Constructor_TableWithRows_TheyHaveVersion1AndTheTableIsNotChanged()
    {
        await using var connection = await OwnTableAsync();
        await using var store = _files.Store("own", o => (o.KeyColumn, o.ValueColumn, o.VersionsInSideTable) = ("id", "body", true));

        Assert.Equal(VersionedValue.Live("hello", new(1, 1)), await store.ReadAsync("a"));
        Assert.Equal(WriteStatus.Conflict, (await store.WriteAsync(new("a", "x", 1) { Expected = RowVersion.None })).Status);
        Assert.True((await store.WriteAsync(new("a", "changed", 1) { Expected = new(1, 1) })).IsWritten);
        Assert.True((await store.WriteAsync(new("b", null, 1) { IsDelete = true })).IsWritten);
        Assert.True((await store.WriteAsync(new("c", "new", 1))).IsWritten);
        Assert.Equal("a=changed c=new", await ScalarAsync(connection, "SELECT group_concat(id || '=' || body, ' ') FROM (SELECT * FROM own ORDER BY id)"));
        Assert.Equal("id body", await ScalarAsync(connection, "SELECT group_concat(name, ' ') FROM pragma_table_info('own')"));
        Assert.True((await store.ReadAsync("b")).IsDeleted);
    }

    protected override Task<IVersionedStore<string, string>> CreateAsync() =>
        Task.FromResult<IVersionedStore<string, string>>(_store = _files.Store("rows", o => o.VersionsInSideTable = true));

    protected override IVersionedStore<string, string> CreateTwin() => _files.Store("rows", static o => o.VersionsInSideTable = true);

    private async Task<SqliteConnection> OwnTableAsync()
    {
        var connection = _files.Connect("own")();
        await connection.OpenAsync();
        await ScalarAsync(connection, "CREATE TABLE own (id TEXT PRIMARY KEY, body TEXT NOT NULL); INSERT INTO own VALUES ('a', 'hello'), ('b', 'bye')");
        return connection;
    }

    private static async Task<string?> ScalarAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync() as string;
    }
}
