using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using ScaleKit.Caching;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Caching;

public sealed class CachingRegistrationTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AddScaleKitRedis_InEitherOrder_MakesTheCachesOfTwoProcessesOne(bool redisFirst)
    {
        await using var server = await RedisServer.StartAsync();
        await using var one = Process(server, redisFirst);
        await using var two = Process(server, redisFirst);
        var (a, b) = (one.GetRequiredService<HybridCache>(), two.GetRequiredService<HybridCache>());
        await a.SetAsync("k", "old");
        Assert.Equal("old", await b.GetOrCreateAsync("k", _ => ValueTask.FromResult("new")));

        await a.RemoveAsync("k");

        await Eventually.HoldsAsync(async () => await b.GetOrCreateAsync("k", _ => ValueTask.FromResult("new")) == "new", "the removal is seen");
    }

    [Fact]
    public async Task AddScaleKitRedis_StoreOrBusOfTheApplication_Stay()
    {
        var services = new ServiceCollection();
        var (bus, store) = (new InProcessInvalidationBus(), new InProcessSharedStore());
        services.AddSingleton<IInvalidationBus>(bus);
        services.AddSingleton<ISharedStore>(store);
        services.AddScaleKitRedis("localhost:1");
        await using var provider = services.BuildServiceProvider();

        Assert.Same(bus, provider.GetRequiredService<IInvalidationBus>());
        Assert.Same(store, provider.GetRequiredService<ISharedStore>());
    }

    private static ServiceProvider Process(RedisServer server, bool redisFirst)
    {
        var services = new ServiceCollection();
        if (redisFirst)
            services.AddScaleKitRedis(server.ConnectionString, o => o.CallTimeout = TimeSpan.FromSeconds(10));
        services.AddDistributedMemoryCache();
        services.AddTwoLevelCache();
        if (!redisFirst)
            services.AddScaleKitRedis(server.ConnectionString, o => o.CallTimeout = TimeSpan.FromSeconds(10));
        Assert.Contains(services, s => s.ServiceType == typeof(IDistributedCache));
        return services.BuildServiceProvider();
    }
}
