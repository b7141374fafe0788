using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class TwoLevelCacheServiceCollectionExtensionsTests
{
    [Fact]
    public async Task AddTwoLevelCache_WithoutAnythingElse_IsTheHybridCache()
    {
        await using var services = new ServiceCollection().AddTwoLevelCache().AddTwoLevelCache().BuildServiceProvider();

        var cache = services.GetRequiredService<HybridCache>();

        Assert.Same(services.GetRequiredService<TwoLevelCache>(), cache);
        Assert.Single(services.GetServices<HybridCache>());
        Assert.Equal(1, await cache.GetAsync("k", 1));
        Assert.Equal(1, await cache.GetAsync("k", 2));
    }

    [Fact]
    public async Task AddTwoLevelCache_RegisteredParts_AreUsed()
    {
        var (time, store) = (new ManualTimeProvider(), new MemoryStore());
        await using var services = new ServiceCollection()
            .AddSingleton<TimeProvider>(time).AddSingleton<IDistributedCache>(store)
            .AddTwoLevelCache(o => o.JitterMaximum = TimeSpan.Zero)
            .BuildServiceProvider();
        var cache = services.GetRequiredService<TwoLevelCache>();
        await cache.GetAsync("k", 1);
        Assert.Equal(["default:k"], store.Values.Keys);

        time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(2, await cache.GetAsync("k", 2));
    }

    [Fact]
    public async Task AddKeyedTwoLevelCache_TwoKeys_AreTwoCaches()
    {
        var store = new MemoryStore();
        await using var services = new ServiceCollection().AddSingleton<IDistributedCache>(store)
            .AddKeyedTwoLevelCache("sessions").AddKeyedTwoLevelCache("rooms", o => o.Expiration = TimeSpan.FromHours(1)).AddTwoLevelCache()
            .BuildServiceProvider();

        await services.GetRequiredKeyedService<HybridCache>("sessions").SetAsync("k", 1);
        await services.GetRequiredKeyedService<TwoLevelCache>("rooms").SetAsync("k", 2);
        await services.GetRequiredService<HybridCache>().SetAsync("k", 3);

        Assert.Equal(["default:k", "rooms:k", "sessions:k"], store.Values.Keys.Order(StringComparer.Ordinal));
        Assert.True(store.Lifetimes["rooms:k"] > TimeSpan.FromMinutes(50));
        Assert.True(store.Lifetimes["sessions:k"] <= TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task AddTwoLevelCache_Configuration_IsReadAndCodeWins()
    {
        var store = new MemoryStore();
        var configuration = Configure(
            ("ScaleKit:Caching:Expiration", "00:01:00"), ("ScaleKit:Caching:Name", "fromconfig"), ("ScaleKit:Caching:JitterMaximum", "0"),
            ("ScaleKit:Caching:Caches:rooms:Expiration", "00:02:00"), ("ScaleKit:Caching:Flags", "DisableLocalCache"));
        await using var services = new ServiceCollection().AddSingleton<IDistributedCache>(store).AddSingleton<IConfiguration>(configuration)
            .AddTwoLevelCache(o => o.Name = "fromcode").AddKeyedTwoLevelCache("rooms")
            .BuildServiceProvider();

        await services.GetRequiredService<TwoLevelCache>().GetAsync("k", 1);
        await services.GetRequiredKeyedService<TwoLevelCache>("rooms").GetAsync("k", 1);

        Assert.Equal(TimeSpan.FromMinutes(1), store.Lifetimes["fromcode:k"]);
        Assert.Equal(TimeSpan.FromMinutes(2), store.Lifetimes["rooms:k"]);
    }

    [Fact]
    public async Task AddTwoLevelCache_KillSwitchInTheConfiguration_IsFollowedLiveAndBeatsCode()
    {
        var configuration = Configure(("ScaleKit:Caching:Enabled", "false"));
        await using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration)
            .AddTwoLevelCache(o => o.Enabled = true).AddKeyedTwoLevelCache("rooms")
            .BuildServiceProvider();
        var caches = new[] { services.GetRequiredService<TwoLevelCache>(), services.GetRequiredKeyedService<TwoLevelCache>("rooms") };
        Assert.All(caches, c => Assert.False(c.IsEnabled));

        configuration["ScaleKit:Caching:Enabled"] = "true";
        configuration.Reload();
        Assert.All(caches, c => Assert.True(c.IsEnabled));

        configuration["ScaleKit:Caching:Caches:rooms:Enabled"] = "false";
        configuration.Reload();
        Assert.Equal([true, false], caches.Select(c => c.IsEnabled));
    }

    [Fact]
    public void AddTwoLevelCache_MemorySettingsInTheConfiguration_AreRead()
    {
        using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(Configure(("ScaleKit:Caching:SizeLimitBytes", "5000000000"), ("ScaleKit:Caching:LocalStore", "memorycache")))
            .AddTwoLevelCache().BuildServiceProvider();

        var options = services.GetRequiredService<IOptionsMonitor<TwoLevelCacheOptions>>().CurrentValue;

        Assert.Equal((5_000_000_000, LocalStoreKind.MemoryCache), (options.SizeLimitBytes, options.LocalStore));
    }

    [Fact]
    public void AddTwoLevelCache_BadConfigurationValue_IsNamed()
    {
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(Configure(("ScaleKit:Caching:Expiration", "soon\n")))
            .AddTwoLevelCache().BuildServiceProvider();

        var error = Assert.Throws<InvalidOperationException>(() => services.GetRequiredService<TwoLevelCache>());

        Assert.Equal("ScaleKit:Caching:Expiration is \"soon\\u000a\", which is not a valid value.", error.Message);
    }

    [Fact]
    public async Task AddTwoLevelCache_MemoryDistributedCache_IsNoSecondLevelAndTheLogSaysSoOnce()
    {
        var log = new RecordedLog();
        await using var services = new ServiceCollection().AddSingleton<Microsoft.Extensions.Logging.ILoggerFactory>(log)
            .AddDistributedMemoryCache().AddTwoLevelCache().BuildServiceProvider();

        await services.GetRequiredService<HybridCache>().GetAsync("k", 1);
        await services.GetRequiredService<HybridCache>().GetAsync("l", 1);

        Assert.StartsWith("Cache default: the registered IDistributedCache is a MemoryDistributedCache", Assert.Single(log.Lines), StringComparison.Ordinal);
        Assert.Null(await services.GetRequiredService<IDistributedCache>().GetAsync("default:k"));
    }

    [Fact]
    public async Task AddKeyedTwoLevelCache_StoreOfItsOwnKey_IsItsSecondLevel()
    {
        var (common, own) = (new MemoryStore(), new MemoryStore());
        await using var services = new ServiceCollection()
            .AddSingleton<IDistributedCache>(common).AddKeyedSingleton<IDistributedCache>("sessions", own)
            .AddKeyedTwoLevelCache("sessions").AddKeyedTwoLevelCache("rooms")
            .BuildServiceProvider();

        await services.GetRequiredKeyedService<HybridCache>("sessions").SetAsync("k", 1);
        await services.GetRequiredKeyedService<HybridCache>("rooms").SetAsync("k", 1);

        Assert.Equal(["sessions:k"], own.Values.Keys);
        Assert.Equal(["rooms:k"], common.Values.Keys);
    }

    [Fact]
    public async Task AddTwoLevelCache_FreshnessInTheConfiguration_IsRead()
    {
        await using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(Configure(
                ("ScaleKit:Caching:NegativeExpiration", "00:00:05"), ("ScaleKit:Caching:FailureBackOff", "00:00:06"), ("ScaleKit:Caching:FactorySoftTimeout", "00:00:01"),
                ("ScaleKit:Caching:FactoryHardTimeout", "00:00:02"), ("ScaleKit:Caching:EagerRefreshAt", "0.75"), ("ScaleKit:Caching:EarlyExpirationBeta", "1.5"), ("ScaleKit:Caching:SelfCheckRate", "0.25"), ("ScaleKit:Caching:HitRateFloor", "0.5"),
                ("ScaleKit:Caching:MaximumBatchKeys", "7")))
            .AddTwoLevelCache().BuildServiceProvider();

        var read = services.GetRequiredService<Microsoft.Extensions.Options.IOptionsMonitor<TwoLevelCacheOptions>>().CurrentValue;

        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(6)), (read.NegativeExpiration, read.FailureBackOff));
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)), (read.FactorySoftTimeout, read.FactoryHardTimeout));
        Assert.Equal((0.25, 0.5), (read.SelfCheckRate, read.HitRateFloor));
        Assert.Equal((0.75, 1.5, 7), (read.EagerRefreshAt, read.EarlyExpirationBeta, read.MaximumBatchKeys));
    }

    private static IConfigurationRoot Configure(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value)).Build();
}
