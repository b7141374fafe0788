using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ScaleKit.TestKit;
using StackExchange.Redis;

namespace ScaleKit.Redis.Tests;

public sealed class ScaleKitRedisServiceCollectionExtensionsTests
{
    [Fact]
    public async Task AddScaleKitRedis_ConnectionString_IsAllThatIsNeeded()
    {
        await using var server = await RedisServer.StartAsync();
        await using var services = new ServiceCollection().AddScaleKitRedis(server.ConnectionString).BuildServiceProvider();

        var connection = services.GetRequiredService<RedisConnection>();

        Assert.Same(connection, services.GetRequiredService<RedisConnection>());
        Assert.True((await connection.CheckHealthAsync()).IsHealthy);
    }

    [Fact]
    public void AddScaleKitRedis_Configuration_ThenCodeWins()
    {
        var options = Build(
            s => s.AddScaleKitRedis(configure: o => o.KeyPrefix = "code"),
            ("ScaleKit:Redis:ConnectionString", "configured:1"),
            ("ScaleKit:Redis:KeyPrefix", "configured"),
            ("ScaleKit:Redis:CallTimeout", "00:00:03"),
            ("ScaleKit:Redis:BreakerMinimumCalls", "77"));

        Assert.Equal(("configured:1", "code", 3, 77), (options.ConnectionString, options.KeyPrefix, (int)options.CallTimeout.TotalSeconds, options.BreakerMinimumCalls));
    }

    [Fact]
    public void AddScaleKitRedis_StringAndConfiguration_StringWins() =>
        Assert.Equal("code:2", Build(s => s.AddScaleKitRedis("code:2"), ("ScaleKit:Redis:ConnectionString", "configured:1")).ConnectionString);

    [Fact]
    public void AddScaleKitRedis_Twice_RegistersOnce()
    {
        var services = new ServiceCollection();

        services.AddScaleKitRedis("one:1").AddScaleKitRedis("two:2");

        Assert.Single(services, service => service.ServiceType == typeof(RedisConnection));
        Assert.Single(services, service => service.ServiceType == typeof(IConfigureOptions<RedisOptions>) && service.ImplementationType is not null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("localhost,nosuch=1")]
    public void AddScaleKitRedis_BadConnectionString_FailsAtOnce(string connectionString) =>
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddScaleKitRedis(connectionString));

    [Fact]
    public void AddScaleKitRedis_NoConnectionStringAnywhere_SaysWhereToPutIt()
    {
        using var services = new ServiceCollection().AddScaleKitRedis().BuildServiceProvider();

        var error = Assert.Throws<ArgumentException>(services.GetRequiredService<RedisConnection>);

        Assert.Contains("ScaleKit:Redis:ConnectionString", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddScaleKitRedisFromMultiplexer_Client_IsUsed()
    {
        await using var server = await RedisServer.StartAsync();
        using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        await using var services = new ServiceCollection()
            .AddSingleton<IConnectionMultiplexer>(client)
            .AddScaleKitRedisFromMultiplexer(s => s.GetRequiredService<IConnectionMultiplexer>(), o => o.CallTimeout = TimeSpan.FromSeconds(10))
            .BuildServiceProvider();

        var connection = services.GetRequiredService<RedisConnection>();

        Assert.True((await connection.CheckHealthAsync()).IsHealthy);
        Assert.Same(client, await connection.ClientAsync());
    }

    [Fact]
    public void Dispose_ContainerDisposedWithoutWaiting_Works()
    {
        var services = new ServiceCollection().AddScaleKitRedis("localhost:1").BuildServiceProvider();
        services.GetRequiredService<RedisConnection>();

        services.Dispose();
    }

    private static RedisOptions Build(Action<IServiceCollection> add, params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(
            new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build());
        add(services);
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<RedisOptions>>().Value;
    }
}
