using ScaleKit.Caching;
using ScaleKit.Caching.Tests;

namespace ScaleKit.Redis.Tests.Caching;

public sealed class RedisInvalidationBusTests(SharedServer server) : InvalidationBusContract, IClassFixture<SharedServer>
{
    protected override int LogCapacity => 4;

    protected override int TagCapacity => 8;

    protected override Task<IInvalidationBus> CreateAsync() =>
        Task.FromResult<IInvalidationBus>(new RedisInvalidationBus(server.Connection, LogCapacity, TagCapacity));
}
