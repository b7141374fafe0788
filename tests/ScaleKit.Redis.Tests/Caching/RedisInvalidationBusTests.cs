using ScaleKit.Caching;
using ScaleKit.Caching.Tests;

namespace ScaleKit.Redis.Tests.Caching;

public sealed class RedisInvalidationBusTests(SharedServer server) : InvalidationBusContract, IClassFixture<SharedServer>
{
    protected override int LogCapacity => 4;

    protected override int TagCapacity => 8;

    protected override Task<IInvalidationBus> CreateAsync() =>
        Task.FromResult<IInvalidationBus>(new RedisInvalidationBus(server.Connection, LogCapacity, TagCapacity));

    [Fact]
    public async Task AppendAsync_LongTags_AreForgottenByTheirBytesAndTheFloorSaysSo()
    {
        const int Megabyte = 1024 * 1024;
        var bus = new RedisInvalidationBus(server.Connection);
        var cache = $"bytes{Random.Shared.NextInt64()}";
        var places = new List<InvalidationPosition>();
        for (var i = 0; i < 20; i++)
            places.Add(await bus.AppendAsync(new Invalidation(cache, tags: [new string((char)('a' + i), Megabyte)])));

        var batch = await bus.ReadFromAsync(cache, default);

        // Of 20 megabytes the last 16 are remembered.
        Assert.Equal(places[3].Sequence, batch.TagFloor);
        Assert.Equal("efghijklmnopqrst", string.Concat(batch.Records.SelectMany(r => r.Invalidation.Tags).Select(t => t[0]).Distinct().Order()));
    }
}
