using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ScaleKit.Admission;
using ScaleKit.Caching;
using ScaleKit.Migration;
using ScaleKit.RateLimiting;
using ScaleKit.Redis;
using StackExchange.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds ScaleKit's way to Redis to a service collection.</summary>
public static class ScaleKitRedisServiceCollectionExtensions
{
    /// <summary>
    /// Registers the <see cref="RedisConnection"/> as a singleton, and the stores over it: rate limits then hold for all nodes together. Options come from the section <see cref="RedisOptions.SectionName"/>
    /// where a configuration is registered, then from the arguments. Calling it again only adds options.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="connectionString">As in <see cref="RedisOptions.ConnectionString"/>; <see langword="null"/> takes it from the configuration.</param>
    /// <param name="configure">Sets options in code; wins over the configuration.</param>
    /// <exception cref="ArgumentException">The connection string is empty or not understood.</exception>
    public static IServiceCollection AddScaleKitRedis(
        this IServiceCollection services, string? connectionString = null, Action<RedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        AddOptions(services);
        if (connectionString is not null)
        {
            _ = ClientConfiguration.Parse(connectionString);
            services.Configure<RedisOptions>(options => options.ConnectionString = connectionString);
        }

        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(static provider => new RedisConnection(
            provider.GetRequiredService<IOptions<RedisOptions>>().Value,
            provider.GetService<TimeProvider>(),
            provider.GetService<ILoggerFactory>(),
            provider.GetService<IMeterFactory>()));
        return services;
    }

    /// <summary>
    /// As <see cref="AddScaleKitRedis"/>, over a client that the application has already and goes on owning. It is never closed nor
    /// replaced here, so a connection that has gone silent lasts until the client itself notices.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="multiplexer">Finds the client.</param>
    /// <param name="configure">Sets options in code; wins over the configuration.</param>
    public static IServiceCollection AddScaleKitRedisFromMultiplexer(
        this IServiceCollection services, Func<IServiceProvider, IConnectionMultiplexer> multiplexer, Action<RedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(multiplexer);
        AddOptions(services);
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(provider => new RedisConnection(
            provider.GetRequiredService<IOptions<RedisOptions>>().Value,
            multiplexer(provider),
            provider.GetService<TimeProvider>(),
            provider.GetService<ILoggerFactory>(),
            provider.GetService<IMeterFactory>()));
        return services;
    }

    /// <summary>What the connection serves. Unless the application has registered another one, it comes before the primitive's own, in whatever order both are added.</summary>
    private static void AddStores(IServiceCollection services)
    {
        services.TryAddSingleton<IInvalidationBus>(static provider => new RedisInvalidationBus(provider.GetRequiredService<RedisConnection>()));
        services.TryAddSingleton<IMigrationJournal>(static provider => new RedisJournal(provider.GetRequiredService<RedisConnection>()));
        services.TryAddSingleton<ISharedStore>(static provider => new RedisSharedStore(
            provider.GetRequiredService<RedisConnection>(), provider.GetService<TimeProvider>()));
        services.TryAddSingleton<ISeatStore>(static provider => new RedisSeatStore(provider.GetRequiredService<RedisConnection>()));
        services.TryAddSingleton<IRateLimitStore>(static provider => new RedisRateLimitStore(
            provider.GetRequiredService<RedisConnection>(),
            provider.GetRequiredService<IOptions<RedisRateLimitOptions>>().Value,
            provider.GetService<TimeProvider>(),
            provider.GetService<ILoggerFactory>(),
            provider.GetService<IMeterFactory>()));
    }

    private static void AddOptions(IServiceCollection services)
    {
        services.AddOptions();
        AddStores(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<RedisRateLimitOptions>, RedisRateLimitOptionsFromConfiguration>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<RedisOptions>, RedisOptionsFromConfiguration>());
    }
}
