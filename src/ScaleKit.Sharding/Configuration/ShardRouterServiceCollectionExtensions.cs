using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ScaleKit.Sharding;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a shard router.</summary>
public static class ShardRouterServiceCollectionExtensions
{
    /// <summary>
    /// Adds a singleton <see cref="ShardRouter{TShard}"/> unless there is one. Options come from the section <c>ScaleKit:Sharding</c> of the configuration when one is
    /// registered, then from <paramref name="configure"/>; <c>ScaleKit:Sharding:Enabled</c> is followed while the process runs.
    /// </summary>
    /// <typeparam name="TShard">What the application keeps for a shard.</typeparam>
    /// <param name="services">Where to add it.</param>
    /// <param name="topology">The topology to begin with.</param>
    /// <param name="configure">Sets options in code, over the configuration; or null.</param>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="topology"/> is null.</exception>
    public static IServiceCollection AddShardRouter<TShard>(
        this IServiceCollection services, Topology<TShard> topology, Action<ShardRouterOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(topology);
        return services.AddShardRouter(_ => topology, configure);
    }

    /// <inheritdoc cref="AddShardRouter{TShard}(IServiceCollection, Topology{TShard}, Action{ShardRouterOptions}?)"/>
    /// <param name="services">Where to add it.</param>
    /// <param name="topology">Makes the topology to begin with, once.</param>
    /// <param name="configure">Sets options in code, over the configuration; or null.</param>
    public static IServiceCollection AddShardRouter<TShard>(
        this IServiceCollection services, Func<IServiceProvider, Topology<TShard>> topology, Action<ShardRouterOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(topology);
        services.AddOptions();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<ShardRouterOptions>, ShardRouterConfiguration>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<ShardRouterOptions>, ShardRouterConfiguration>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IOptionsChangeTokenSource<ShardRouterOptions>, ShardRouterConfiguration>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(provider => Build(provider, topology));
        return services;
    }

    private static ShardRouter<TShard> Build<TShard>(IServiceProvider provider, Func<IServiceProvider, Topology<TShard>> topology)
    {
        var monitor = provider.GetRequiredService<IOptionsMonitor<ShardRouterOptions>>();
        var router = new ShardRouter<TShard>(
            topology(provider),
            monitor.CurrentValue,
            provider.GetService<ILogger<ShardRouter<TShard>>>(),
            provider.GetService<IMeterFactory>());

        // Monitor and router live as long as the provider: the registration needs no end of its own.
        monitor.OnChange(options => router.IsEnabled = options.Enabled);
        router.IsEnabled = monitor.CurrentValue.Enabled;
        return router;
    }
}
