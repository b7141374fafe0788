using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ScaleKit.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the service level monitor.</summary>
public static class ServiceLevelServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="ServiceLevelMonitor"/>, which then hears of every request of this host. Registering it twice changes nothing. Settings come from the section <c>ScaleKit:ServiceLevel</c>, then
    /// from <paramref name="configure"/>; only <c>Enabled</c> follows the configuration, also while running.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    public static IServiceCollection AddScaleKitServiceLevel(this IServiceCollection services, Action<ServiceLevelOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions();
        services.AddMetrics();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<ServiceLevelOptions>, ServiceLevelConfiguration>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<ServiceLevelOptions>, ServiceLevelConfiguration>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IOptionsChangeTokenSource<ServiceLevelOptions>, ServiceLevelConfiguration>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(static provider =>
        {
            var options = provider.GetRequiredService<IOptionsMonitor<ServiceLevelOptions>>();
            var monitor = new ServiceLevelMonitor(
                options.CurrentValue, provider.GetService<TimeProvider>(), provider.GetService<ILogger<ServiceLevelMonitor>>(), provider.GetService<IMeterFactory>());
            monitor.Follow(options);
            return monitor;
        });
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RequestDurationListener>());
        return services;
    }
}
