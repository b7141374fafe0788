using System.Buffers;
using ScaleKit.Caching;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Caching;

public sealed class ReadQueueTests
{
    private const int Readers = 50;

    [Fact]
    public async Task ReadAsync_WhileOthersAreUnderWay_SharesOneCommand()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await Connect.To(server, o => o.CallTimeout = TimeSpan.FromSeconds(60)).ReadyAsync();
        var store = new RedisSharedStore(connection);
        for (var i = 0; i < Readers; i += 2)
            await store.FillAsync($"k{i}", await LeaseAsync(store, $"k{i}"), new[] { (byte)i }, TimeSpan.FromMinutes(1));
        await server.CommandAsync("CONFIG", "RESETSTAT");
        server.Pause();

        // The first two go at once, each alone; the others find both under way.
        var targets = Enumerable.Range(0, Readers).Select(_ => new ArrayBufferWriter<byte>()).ToArray();
        var reads = targets.Select((target, i) => store.ReadAsync($"k{i}", target).AsTask()).ToArray();
        server.Resume();

        var readings = await Task.WhenAll(reads);
        for (var i = 0; i < Readers; i++)
        {
            Assert.Equal(i % 2 == 0, readings[i].IsFound);
            Assert.Equal(i % 2 == 0 ? [(byte)i] : [], targets[i].WrittenSpan.ToArray());
        }

        Assert.Contains("cmdstat_mget:calls=3,", await server.CommandAsync("INFO", "commandstats"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_OneReaderGivesUp_TheOthersGetTheirBytesAndItsTargetIsLeftAlone()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await Connect.To(server, o => o.CallTimeout = TimeSpan.FromSeconds(60)).ReadyAsync();
        var store = new RedisSharedStore(connection);
        await store.FillAsync("k", await LeaseAsync(store, "k"), new byte[] { 7 }, TimeSpan.FromMinutes(1));
        using var leaving = new CancellationTokenSource();
        ArrayBufferWriter<byte> given = new(), kept = new();
        await server.CommandAsync("CONFIG", "RESETSTAT");
        server.Pause();
        var reads = Enumerable.Range(0, 5).Select(i => store.ReadAsync("k", i == 4 ? kept : new ArrayBufferWriter<byte>()).AsTask()).ToArray();
        var underWay = store.ReadAsync("k", given, leaving.Token).AsTask();

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => underWay);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.ReadAsync("k", given, leaving.Token));
        server.Resume();

        Assert.All(await Task.WhenAll(reads), r => Assert.True(r.IsFound));
        Assert.Equal([7], kept.WrittenSpan.ToArray());
        Assert.Equal(0, given.WrittenCount);

        // Who gave up in line is not read for.
        Assert.Equal("5", await server.InfoAsync("keyspace_hits"));
        Assert.True((await store.ReadAsync("k", new ArrayBufferWriter<byte>())).IsFound);
    }

    [Fact]
    public async Task ReadAsync_ServerSilent_AllWhoWaitFailWithThoseUnderWay()
    {
        // If those who wait went with the next flight instead, fifty readers of a silent server would fail two at a time, the last after twenty-five timeouts.
        var clock = new ManualTimeProvider();
        await using var server = await RedisServer.StartAsync();
        await using var connection = await Connect.To(server, clock: clock).ReadyAsync();
        var store = new RedisSharedStore(connection);
        server.Pause();
        var reads = Enumerable.Range(0, Readers).Select(_ => store.ReadAsync("k", new ArrayBufferWriter<byte>()).AsTask()).ToArray();

        clock.Advance(TimeSpan.FromSeconds(10));

        await Eventually.HoldsAsync(() => Array.TrueForAll(reads, r => r.IsFaulted), "all have failed after one timeout");
        Assert.All(reads, r => Assert.IsType<RedisUnavailableException>(r.Exception!.InnerException));
        server.Resume();
        Assert.False((await store.ReadAsync("k", new ArrayBufferWriter<byte>())).IsFound);
    }

    private static async Task<FillTicket> LeaseAsync(RedisSharedStore store, string key)
    {
        var ticket = new FillTicket(1, new(1, 1));
        await store.LeaseAsync(key, ticket, SharedReading.Any, TimeSpan.FromMinutes(1), new ArrayBufferWriter<byte>());
        return ticket;
    }
}
