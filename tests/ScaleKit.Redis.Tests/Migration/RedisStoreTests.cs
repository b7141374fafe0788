using ScaleKit.Migration;
using ScaleKit.Migration.Tests;
using ScaleKit.Redis.Tests.Caching;

namespace ScaleKit.Redis.Tests.Migration;

/// <summary>The contract of every versioned store on a real Redis, and what only this one needs.</summary>
public sealed class RedisStoreTests(SharedServer server) : VersionedStoreContract, IClassFixture<SharedServer>
{
    [Fact]
    public async Task IntegerKeysAndBytes_RoundTripWithTombstones_InNumericOrder()
    {
        var store = new RedisStore<long, byte[]>(server.Connection, $"{Guid.NewGuid()}", ValueFormat.Bytes);
        long[] keys = [long.MinValue, -1, 0, 9, 10, long.MaxValue];
        foreach (var key in keys)
        {
            await store.WriteAsync(new(key, BitConverter.GetBytes(key), 1) { Outbox = true });
        }

        await store.WriteAsync(new(9, null, 1) { IsDelete = true });
        var page = await store.ScanAsync(new ScanRequest<long>());
        Assert.Equal(keys.Except([9]), page.Entries.Select(static e => e.Key));
        Assert.Equal(keys.Except([9]), page.Entries.Select(static e => BitConverter.ToInt64(e.Value!)));
        Assert.Equal(keys, (await store.PeekOutboxAsync(100)).Select(static e => e.Key));
    }

    [Fact]
    public async Task WholeLadderAndBack_FromMemory_NothingLost()
    {
        var old = new InMemoryStore<string, string>("old", values: ValueFormat.Text);
        var @new = new RedisStore<string, string>(server.Connection, $"{Guid.NewGuid()}", ValueFormat.Text);
        await using var repository = new DualWriteRepository<string, string>(old, @new);
        for (var i = 0; i < 1500; i++)
        {
            await repository.UpsertAsync($"k{i:D5}", $"{i}");
        }

        var runner = new MigrationRunner<string, string>(repository);
        Assert.True((await runner.RunAsync()).Completed);
        await repository.UpsertAsync("k00001", "written in Redis alone");
        await repository.DeleteAsync("k00002");
        Assert.True((await runner.RunAsync(MigrationPhase.NewSequencer)).Completed);
        Assert.True((await runner.RunAsync(MigrationPhase.OldOnly)).Completed);

        Assert.Equal(1499, (await old.DigestAsync(default)).Rows);
        Assert.Equal("written in Redis alone", (await old.ReadAsync("k00001")).Value);
        Assert.Equal(await old.DigestAsync(default), await @new.DigestAsync(default));
    }

    [Fact]
    public async Task WriteAsync_ValueTooLongOrNotSerializable_RefusedAndNothingWritten()
    {
        var small = new RedisStore<string, string>(server.Connection, Store.Name, ValueFormat.Text, maximumValueLength: 10);
        Assert.Contains("11", (await Assert.ThrowsAsync<ArgumentException>(async () => await small.WriteAsync(new("a", new string('x', 11), 1)))).Message, StringComparison.Ordinal);

        var broken = new RedisStore<string, string>(server.Connection, Store.Name, ValueFormat.CreateText<string>(_ => throw new InvalidDataException("boom"), s => s));
        Assert.Contains("boom", (await Assert.ThrowsAsync<ArgumentException>(async () => await broken.WriteAsync(new("a", "x", 1)))).Message, StringComparison.Ordinal);
        Assert.Equal(0, await Store.CountAsync(default));
    }

    [Fact]
    public async Task Equals_OtherNamePrefixOrRedis_TwoStores()
    {
        const string one = "localhost:1,abortConnect=false";
        await using var connection = new RedisConnection(new RedisOptions { ConnectionString = one });
        await using var again = new RedisConnection(new RedisOptions { ConnectionString = one });
        await using var otherPrefix = new RedisConnection(new RedisOptions { ConnectionString = one, KeyPrefix = "other" });
        await using var otherDatabase = new RedisConnection(new RedisOptions { ConnectionString = one + ",defaultDatabase=1" });
        static RedisStore<string, string> On(RedisConnection connection, string name = "rows") => new(connection, name, ValueFormat.Text);

        Assert.Equal(On(connection), On(again));
        Assert.NotEqual(On(connection), On(connection, "rows_v2"));
        Assert.NotEqual(On(connection), On(otherPrefix));
        Assert.NotEqual(On(connection), On(otherDatabase));
    }

    protected override Task<IVersionedStore<string, string>> CreateAsync() =>
        Task.FromResult<IVersionedStore<string, string>>(new RedisStore<string, string>(server.Connection, $"{Guid.NewGuid()}", ValueFormat.Text));

    protected override IVersionedStore<string, string> CreateTwin() => new RedisStore<string, string>(server.Connection, Store.Name, ValueFormat.Text);
}
