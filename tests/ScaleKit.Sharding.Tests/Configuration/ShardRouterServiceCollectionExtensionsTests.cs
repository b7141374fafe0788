using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ScaleKit.Sharding.Tests;

public sealed class ShardRouterServiceCollectionExtensionsTests
{
    [Fact]
    public void AddShardRouter_WithoutConfiguration_UsesDefaultsAndOneInstance()
    {
        using var provider = new ServiceCollection().AddShardRouter(Some.Slots(4)).BuildServiceProvider();

        var router = provider.GetRequiredService<ShardRouter<int>>();

        Assert.Same(router, provider.GetRequiredService<ShardRouter<int>>());
        Assert.True(router.IsEnabled);
    }

    [Fact]
    public void AddShardRouter_Twice_TheFirstStands()
    {
        var first = Some.Slots(4);
        using var provider = new ServiceCollection().AddShardRouter(first).AddShardRouter(Some.Slots(5)).BuildServiceProvider();

        Assert.Same(first, provider.GetRequiredService<ShardRouter<int>>().Topology);
    }

    [Fact]
    public void AddShardRouter_Factory_GetsTheProvider()
    {
        using var provider = new ServiceCollection()
            .AddSingleton(Some.Slots(3))
            .AddShardRouter(p => p.GetRequiredService<SlotTopology<int>>())
            .BuildServiceProvider();

        Assert.Equal(3, provider.GetRequiredService<ShardRouter<int>>().Topology.Shards.Count);
    }

    [Fact]
    public void AddShardRouter_ConfigurationThenCode_CodeWins()
    {
        var configuration = Configuration(("MaximumKeyLength", "5"), ("UseHashTags", "true"));
        using var provider = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddShardRouter(Some.Slots(100), o => o.MaximumKeyLength = 8)
            .BuildServiceProvider();
        var router = provider.GetRequiredService<ShardRouter<int>>();

        Assert.Same(router.Route("42"), router.Route("{42}.abc"));
        Assert.Throws<ArgumentException>(() => router.Route("123456789"));
    }

    [Fact]
    public void AddShardRouter_EnabledChangesInConfiguration_RouterFollowsWhateverCodeSaid()
    {
        var configuration = Configuration(("Enabled", "true"));
        using var provider = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddShardRouter(Some.Slots(4), o => o.Enabled = true)
            .BuildServiceProvider();
        var router = provider.GetRequiredService<ShardRouter<int>>();

        configuration["ScaleKit:Sharding:Enabled"] = "false";
        configuration.Reload();
        Assert.Throws<TopologyFrozenException>(() => router.Swap(Some.Slots(5, version: 2)));

        configuration["ScaleKit:Sharding:Enabled"] = "true";
        configuration.Reload();
        router.Swap(Some.Slots(5, version: 2));
    }

    [Fact]
    public void AddShardRouter_BadValueInConfiguration_FailsWhenTheRouterIsMade()
    {
        using var provider = new ServiceCollection()
            .AddSingleton<IConfiguration>(Configuration(("MaximumKeyLength", "-1")))
            .AddShardRouter(Some.Slots(4))
            .BuildServiceProvider();

        Assert.Throws<ArgumentOutOfRangeException>(() => provider.GetRequiredService<ShardRouter<int>>());
    }

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.ToDictionary(s => $"{ShardRouterOptions.SectionName}:{s.Key}", s => (string?)s.Value))
        .Build();
}
