using Microsoft.Data.Sqlite;

namespace ScaleKit.Migration.Tests;

/// <summary>The contract on a real SQLite file, and what only an SQL store does.</summary>
public sealed class SqlStoreTests : VersionedStoreContract
{
    private readonly TestFiles _files = new();
    private SqlStore<string, string>? _store;

    public override async Task DisposeAsync()
    {
        await _store!.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task WriteAsync_OtherProcessReadsTheFile_PlainColumns()
    {
        await Store.WriteAsync(new("room/1", "hello", 1));

        await using var connection = _files.Connect("rows")();
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT key || '=' || value FROM rows";
        Assert.Equal("room/1=hello", await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Reopened_EverythingIsStillThere()
    {
        await Store.WriteAsync(new("a", "1", 1) { Outbox = true });
        await Store.FenceAsync(3);
        await _store!.DisposeAsync();

        await using var reopened = _files.Store("rows");
        Assert.Equal("1", (await reopened.ReadAsync("a")).Value);
        Assert.Equal(3, await reopened.FenceAsync(0));
        Assert.Single(await reopened.PeekOutboxAsync(10));
        Assert.Equal(WriteStatus.Fenced, (await reopened.WriteAsync(new("a", "2", 2))).Status);
    }

    [Fact]
    public async Task WriteAsync_OutboxCannotBeWritten_NeitherIsTheRow()
    {
        await Store.WriteAsync(new("a", "1", 1));
        await using var other = _files.Connect("rows")();
        await other.OpenAsync();
        await ExecuteAsync(other, "DROP TABLE rows_outbox");

        await Assert.ThrowsAnyAsync<Exception>(async () => await Store.WriteAsync(new("a", "2", 1) { Outbox = true }));

        Assert.Equal(VersionedValue.Live("1", new(1, 1)), await Store.ReadAsync("a"));
    }

    [Fact]
    public async Task WriteAsync_AnotherWriterHoldsTheFile_WaitsForIt()
    {
        await Store.WriteAsync(new("a", "1", 1));
        await using var other = _files.Connect("rows")();
        await other.OpenAsync();
        await ExecuteAsync(other, "BEGIN IMMEDIATE");
        var write = Store.WriteAsync(new("a", "2", 1)).AsTask();
        Assert.False(write.IsCompleted);
        await ExecuteAsync(other, "COMMIT");

        Assert.True((await write).IsWritten);
    }

    [Fact]
    public async Task WriteAsync_OneOfABatchFails_OnlyThatOne()
    {
        await Store.WriteAsync(new("a", "1", 1));
        await using var other = _files.Connect("rows")();
        await other.OpenAsync();
        await ExecuteAsync(other, "CREATE TRIGGER poison BEFORE INSERT ON rows WHEN NEW.key = 'poison' BEGIN SELECT RAISE(ABORT, 'poisoned'); END");

        // The open transaction makes the writes wait, so that they share one.
        await ExecuteAsync(other, "BEGIN IMMEDIATE");
        var writes = new[] { "b", "poison", "c", "d" }.Select(key => Store.WriteAsync(new(key, "1", 1) { Outbox = true }).AsTask()).ToArray();
        await ExecuteAsync(other, "COMMIT");

        await Assert.ThrowsAsync<SqliteException>(() => writes[1]);
        Assert.All([await writes[0], await writes[2], await writes[3]], result => Assert.Equal(new RowVersion(1, 1), result.Version));
        Assert.Equal(default, await Store.ReadAsync("poison"));
        Assert.Equal(3, (await Store.GetOutboxStatusAsync()).Pending);
    }

    [Fact]
    public async Task WriteAsync_TooManyWait_RefusedAtOnce()
    {
        await using var small = _files.Store("rows", o => o.WriteQueueCapacity = 2);
        await small.WriteAsync(new("a", "1", 1));
        await using var other = _files.Connect("rows")();
        await other.OpenAsync();
        await ExecuteAsync(other, "BEGIN IMMEDIATE");
        var writes = Enumerable.Range(0, 8).Select(i => small.WriteAsync(new("a", $"{i}", 1)).AsTask()).ToArray();
        await ExecuteAsync(other, "COMMIT");

        var refused = 0;
        foreach (var write in writes)
        {
            try
            {
                await write;
            }
            catch (StoreOverloadedException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, 6);
        Assert.Equal(1 + 8 - refused, (await small.ReadAsync("a")).Version.Counter);
    }

    [Fact]
    public async Task WriteAsync_CancelledWhileWaiting_NeverRuns()
    {
        await Store.WriteAsync(new("a", "1", 1));
        await using var other = _files.Connect("rows")();
        await other.OpenAsync();
        await ExecuteAsync(other, "BEGIN IMMEDIATE");

        // A store connects for its first write after that one has left the queue.
        var hasLeft = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var connect = _files.Connect("rows");
        await using var store = new SqlStore<string, string>(
            () =>
            {
                hasLeft.TrySetResult();
                return connect();
            },
            new() { Table = "rows", Value = ValueFormat.Text });
        var running = store.WriteAsync(new("a", "2", 1)).AsTask();
        await hasLeft.Task;
        using var cancel = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 3).Select(_ => store.WriteAsync(new("b", "1", 1), cancel.Token).AsTask()).ToArray();
        await cancel.CancelAsync();
        foreach (var write in waiting)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        }

        await ExecuteAsync(other, "COMMIT");
        await running;
        await store.WriteAsync(new("c", "1", 1));
        Assert.Equal(default, await Store.ReadAsync("b"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("rows; DROP TABLE x")]
    [InlineData("1st")]
    [InlineData("täble")]
    public void Constructor_BadIdentifier_NamedAndRefused(string table)
    {
        var refused = Assert.ThrowsAny<ArgumentException>(() => _files.Store("rows", o => o.Table = table));
        Assert.Contains("Table", refused.ParamName, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WriteAsync_ValueTooLongOrNotSerializable_RefusedAndNothingWritten()
    {
        await using var small = _files.Store("rows", o => o.MaximumValueLength = 10);
        Assert.Contains("11", (await Assert.ThrowsAsync<ArgumentException>(async () => await small.WriteAsync(new("a", new string('x', 11), 1)))).Message, StringComparison.Ordinal);

        await using var broken = _files.Store("rows", o => o.Value = ValueFormat.CreateText<string>(_ => throw new InvalidDataException("boom"), s => s));
        Assert.Contains("boom", (await Assert.ThrowsAsync<ArgumentException>(async () => await broken.WriteAsync(new("a", "x", 1)))).Message, StringComparison.Ordinal);
        Assert.Equal(0, await Store.CountAsync(default));
    }

    [Fact]
    public async Task IntegerKeysAndBytes_RoundTrip_InNumericOrder()
    {
        await using var store = new SqlStore<long, byte[]>(_files.Connect("numbers"), new() { Table = "numbers", Value = ValueFormat.Bytes });
        long[] keys = [long.MinValue, -1, 0, 9, 10, long.MaxValue];
        foreach (var key in keys)
        {
            await store.WriteAsync(new(key, BitConverter.GetBytes(key), 1));
        }

        var page = await store.ScanAsync(new ScanRequest<long>());
        Assert.Equal(keys, page.Entries.Select(e => e.Key));
        Assert.Equal(keys, page.Entries.Select(e => BitConverter.ToInt64(e.Value!)));
    }

    protected override Task<IVersionedStore<string, string>> CreateAsync() =>
        Task.FromResult<IVersionedStore<string, string>>(_store = _files.Store("rows"));

    // SQLite takes a name in capitals for the same table.
    protected override IVersionedStore<string, string> CreateTwin() => _files.Store("rows", static o => o.Table = "ROWS");

    private static async Task ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
