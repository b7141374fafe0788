using ScaleKit.Caching;
using ScaleKit.Caching.Tests;

namespace ScaleKit.Redis.Tests.Caching;

public sealed class RedisSharedStoreTests(SharedServer server) : SharedStoreContract, IClassFixture<SharedServer>
{
    protected override Task<ISharedStore> CreateAsync() => Task.FromResult<ISharedStore>(new RedisSharedStore(server.Connection));
}
