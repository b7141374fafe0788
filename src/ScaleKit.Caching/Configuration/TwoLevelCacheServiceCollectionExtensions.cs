using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ScaleKit.Caching;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers <see cref="TwoLevelCache"/>.</summary>
public static class TwoLevelCacheServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="TwoLevelCache"/>, also as <see cref="HybridCache"/>. The registered <see cref="IInvalidationBus"/> carries its invalidations, or an
    /// <see cref="InProcessInvalidationBus"/> if there is none. The registered <see cref="ISharedStore"/> is its second level; if there is none, the registered
    /// <see cref="IDistributedCache"/>, except one in the process's own memory. The order of the registrations does not matter.
    /// The options are read from the section <see cref="TwoLevelCacheOptions.SectionName"/> of a registered configuration, then <paramref name="configure"/> runs;
    /// <see cref="TwoLevelCacheOptions.Enabled"/> follows the configuration while the cache runs. A wrong setting when a host starts stops the start. Calling it again adds only the new <paramref name="configure"/>.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddTwoLevelCache(this IServiceCollection services, Action<TwoLevelCacheOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        AddOptions(services, Options.Options.DefaultName, configure);
        services.TryAddSingleton<RunningCache>(sp => new RunningCache(sp, Options.Options.DefaultName));
        services.TryAddSingleton(sp => sp.GetRequiredService<RunningCache>().Cache);
        services.TryAddSingleton<HybridCache>(sp => sp.GetRequiredService<TwoLevelCache>());
        return services;
    }

    /// <summary>
    /// Registers a cache of its own under a key, as <see cref="TwoLevelCache"/> and <see cref="HybridCache"/>. Its name is the key unless
    /// <paramref name="configure"/> or the configuration gives another, so it shares no entries with other caches. It reads the section
    /// <see cref="TwoLevelCacheOptions.SectionName"/> and then <c>Caches:KEY</c> within it.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key: 1 to 64 ASCII letters, digits, <c>-</c>, <c>_</c> or <c>.</c>.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddKeyedTwoLevelCache(
        this IServiceCollection services, string serviceKey, Action<TwoLevelCacheOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(serviceKey);
        AddOptions(services, serviceKey, configure);
        services.TryAddKeyedSingleton<RunningCache>(serviceKey, (sp, _) => new RunningCache(sp, serviceKey));
        services.TryAddKeyedSingleton(serviceKey, (sp, _) => sp.GetRequiredKeyedService<RunningCache>(serviceKey).Cache);
        services.TryAddKeyedSingleton<HybridCache>(serviceKey, (sp, _) => sp.GetRequiredKeyedService<TwoLevelCache>(serviceKey));
        return services;
    }

    private static void AddOptions(IServiceCollection services, string name, Action<TwoLevelCacheOptions>? configure)
    {
        services.AddOptions();
        services.TryAddSingleton(_ => new InProcessInvalidationBus());
        if (!services.Any(d => d.ServiceType == typeof(RunningCache) && Equals(d.ServiceKey ?? Options.Options.DefaultName, name)))
        {
            // Once per cache, and before the application's own changes.
            if (!services.Any(d => d.ServiceType == typeof(RunningCache)))
            {
                services.AddSingleton<IConfigureOptions<TwoLevelCacheOptions>>(sp => new TwoLevelCacheOptionsSetup(sp, name));
                services.AddSingleton<IPostConfigureOptions<TwoLevelCacheOptions>>(sp => new TwoLevelCacheOptionsSetup(sp, name));
            }

            services.AddSingleton<IOptionsChangeTokenSource<TwoLevelCacheOptions>>(sp => new TwoLevelCacheOptionsSetup(sp, name));
            services.AddOptions<AtStart>(name)
                .Configure<IServiceProvider>((_, sp) => sp.GetRequiredKeyedService<RunningCache>(name.Length == 0 ? null : name))
                .ValidateOnStart();
        }

        if (configure is not null)
            services.Configure(name, configure);
    }

    /// <summary>A host that starts asks for this, and so makes the cache: settings that are wrong stop the start and not the first request.</summary>
    private sealed class AtStart;

    /// <summary>A cache that the container made, and the link from its configuration to its kill switch.</summary>
    private sealed class RunningCache : IDisposable
    {
        private readonly IDisposable? _changes;

        public RunningCache(IServiceProvider services, string name)
        {
            var monitor = services.GetRequiredService<IOptionsMonitor<TwoLevelCacheOptions>>();
            var options = monitor.Get(name);
            Cache = new TwoLevelCache(
                options,
                SecondLevel(services, name, options.Name),
                services.GetService<IInvalidationBus>() ?? services.GetRequiredService<InProcessInvalidationBus>(),
                new CacheSerializers(services, options.JsonSerializerOptions),
                services.GetService<TimeProvider>(),
                services.GetService<ILoggerFactory>(),
                services.GetService<IMeterFactory>());
            _changes = monitor.OnChange((changed, changedName) =>
            {
                if (string.Equals(changedName ?? Options.Options.DefaultName, name, StringComparison.Ordinal))
                    Cache.IsEnabled = changed.Enabled;
            });
        }

        public TwoLevelCache Cache { get; }

        public void Dispose() => _changes?.Dispose();

        /// <summary>The one registered under the cache's own key comes first.</summary>
        private static ISharedStore? SecondLevel(IServiceProvider services, string name, string cacheName)
        {
            var isKeyed = name.Length > 0;
            if (isKeyed && services.GetKeyedService<ISharedStore>(name) is { } own)
                return own;
            var distributed = isKeyed ? services.GetKeyedService<IDistributedCache>(name) : null;
            if (distributed is null && services.GetService<ISharedStore>() is { } shared)
                return shared;
            distributed ??= services.GetService<IDistributedCache>();
            if (distributed is not MemoryDistributedCache)
                return distributed is null ? null : new DistributedCacheStore(distributed);
            if (services.GetService<ILoggerFactory>() is { } loggers)
                Log.MemoryIsNoSecondLevel(loggers.CreateLogger(CachingDiagnostics.MeterName), cacheName);
            return null;
        }
    }
}
