using Npgsql;
using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

/// <summary>The contract on a real PostgreSQL, and what only several writing processes need.</summary>
public sealed class PostgreSqlStoreTests(PostgresFixture postgres) : VersionedStoreContract, IClassFixture<PostgresFixture>
{
    private readonly string _table = postgres.NextTable();
    private SqlStore<string, string>? _store;

    public override async Task DisposeAsync() => await _store!.DisposeAsync();

    [Fact]
    public async Task WriteAsync_OutboxCannotBeWritten_NeitherIsTheRow()
    {
        await Store.WriteAsync(new("a", "1", 1));
        await using var source = postgres.Source();
        await using var other = await source.OpenConnectionAsync();
        await ExecuteAsync(other, $"DROP TABLE {_table}_outbox");

        await Assert.ThrowsAnyAsync<Exception>(async () => await Store.WriteAsync(new("a", "2", 1) { Outbox = true }));

        Assert.Equal(VersionedValue.Live("1", new(1, 1)), await Store.ReadAsync("a"));
    }

    [Fact]
    public async Task FenceAsync_WriteOfAnotherProcessIsOnItsWay_WaitsForItAndRefusesTheNext()
    {
        await Store.WriteAsync(new("a", "1", 1));
        await using var other = postgres.Store(_table);

        // Its tables are looked at under the same lock: that must be over, or it would be what waits.
        Assert.Equal(0, await other.FenceAsync(0));
        await using var source = postgres.Source();
        await using var blocker = await source.OpenConnectionAsync();
        await using var transaction = await blocker.BeginTransactionAsync();
        await ExecuteAsync(blocker, $"SELECT * FROM {_table} FOR UPDATE");

        // The write has passed the fence's check and waits for the row.
        var write = Store.WriteAsync(new("a", "2", 1)).AsTask();
        await Eventually.HoldsAsync(async () => await CountAsync(source, "locktype <> 'advisory' AND NOT granted"), "the write waits for the row");
        var fence = other.FenceAsync(2).AsTask();
        await Eventually.HoldsAsync(async () => await CountAsync(source, "locktype = 'advisory' AND NOT granted"), "the fence waits for the write");
        Assert.False(fence.IsCompleted);
        await transaction.CommitAsync();

        Assert.True((await write).IsWritten);
        Assert.Equal(2, await fence);
        Assert.Equal(WriteStatus.Fenced, (await Store.WriteAsync(new("a", "3", 1))).Status);
    }

    [Fact]
    public async Task WriteAsync_FourProcessesAtOnce_EachVersionOnce()
    {
        var processes = Enumerable.Range(0, 4).Select(_ => postgres.Store(_table)).ToList();
        try
        {
            // The first use creates the tables: all four at once.
            var versions = await Task.WhenAll(Enumerable.Range(0, 100).Select(
                async i => (await processes[i % 4].WriteAsync(new("hot", $"{i}", 1) { Outbox = true })).Version));

            Assert.Equal(Enumerable.Range(1, 100).Select(i => new RowVersion(1, i)), versions.Order());
            Assert.Equal(100, (await Store.GetOutboxStatusAsync()).Pending);
        }
        finally
        {
            foreach (var process in processes)
            {
                await process.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task IntegerKeysAndBytes_RoundTripWithTombstones_InNumericOrder()
    {
        await using var store = new SqlStore<long, byte[]>(
            postgres.Source(), new() { Table = postgres.NextTable(), Value = ValueFormat.Bytes, Dialect = SqlDialect.PostgreSql });
        long[] keys = [long.MinValue, -1, 0, 9, 10, long.MaxValue];
        foreach (var key in keys)
        {
            await store.WriteAsync(new(key, BitConverter.GetBytes(key), 1));
        }

        await store.WriteAsync(new(9, null, 1) { IsDelete = true });
        var page = await store.ScanAsync(new ScanRequest<long>());
        Assert.Equal(keys.Except([9]), page.Entries.Select(e => e.Key));
        Assert.Equal(keys.Except([9]), page.Entries.Select(e => BitConverter.ToInt64(e.Value!)));
    }

    [Fact]
    public async Task Journal_CompareAndSet_OneOfTwoProcessesWins()
    {
        await using var one = new SqlJournal(postgres.Source().CreateConnection, SqlDialect.PostgreSql, postgres.NextTable());
        Assert.Null(await one.ReadAsync("state"));
        var written = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => one.TryWriteAsync("state", 0, $"{i}").AsTask()));

        Assert.Single(written, static w => w);
        Assert.Equal(1, (await one.ReadAsync("state"))!.Revision);
        Assert.True(await one.TryWriteAsync("state", 1, "next"));
        Assert.False(await one.TryWriteAsync("state", 1, "late"));
        Assert.Equal("next", (await one.ReadAsync("state"))!.Text);
    }

    protected override Task<IVersionedStore<string, string>> CreateAsync() =>
        Task.FromResult<IVersionedStore<string, string>>(_store = postgres.Store(_table));

    protected override IVersionedStore<string, string> CreateTwin() => postgres.Store(_table);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<bool> CountAsync(NpgsqlDataSource source, string condition)
    {
        await using var command = source.CreateCommand($"SELECT count(*) FROM pg_locks WHERE {condition}");
        return await command.ExecuteScalarAsync() is > 0L;
    }
}
