using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ScaleKit.RateLimiting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the rate limiter.</summary>
public static class RateLimitingServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="PolicyRateLimiter"/> as a singleton. It counts in the <see cref="IRateLimitStore"/> that is registered, whether before or after this call,
    /// and where there is none in an <see cref="InProcessRateLimitStore"/>. Where an <see cref="IConfiguration"/> is registered, its section <see cref="RateLimitOptions.SectionName"/> is read now and on every change; an invalid change is
    /// logged and ignored, a wrong setting when a host starts stops the start. <see cref="TimeProvider"/>, <see cref="ILoggerFactory"/> and <see cref="IMeterFactory"/> are used where registered.
    /// Calling it again adds only the settings.
    /// </summary>
    /// <param name="services">The container's registrations.</param>
    /// <param name="configure">Runs after the configuration was read and wins, except over <see cref="RateLimitOptions.Enabled"/>, which follows a configuration that has it.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    public static IServiceCollection AddScaleKitRateLimiting(this IServiceCollection services, Action<RateLimitOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions();
        services.TryAddSingleton(static provider => new RateLimitOptionsSetup(provider.GetService<IConfiguration>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<RateLimitOptions>, RateLimitOptionsSetup>(Setup));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<RateLimitOptions>, RateLimitOptionsSetup>(Setup));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IOptionsChangeTokenSource<RateLimitOptions>, RateLimitOptionsSetup>(Setup));
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(static provider => new InProcessRateLimitStore(
            provider.GetRequiredService<IOptionsMonitor<RateLimitOptions>>().CurrentValue.MaximumKeys,
            provider.GetService<TimeProvider>(),
            provider.GetService<ILoggerFactory>(),
            provider.GetService<IMeterFactory>()));
        if (!services.Any(static service => service.ServiceType == typeof(IConfigureOptions<AtStart>)))
        {
            services.AddOptions<AtStart>().Configure<PolicyRateLimiter>(static (_, _) => { }).ValidateOnStart();
        }

        services.TryAddSingleton(CreateLimiter);
        return services;
    }

    private static RateLimitOptionsSetup Setup(IServiceProvider provider) => provider.GetRequiredService<RateLimitOptionsSetup>();

    private static PolicyRateLimiter CreateLimiter(IServiceProvider provider)
    {
        var monitor = provider.GetRequiredService<IOptionsMonitor<RateLimitOptions>>();
        var limiter = new PolicyRateLimiter(
            monitor.CurrentValue,
            provider.GetService<IRateLimitStore>() ?? provider.GetRequiredService<InProcessRateLimitStore>(),
            provider.GetService<TimeProvider>(),
            provider.GetService<ILoggerFactory>(),
            provider.GetService<IMeterFactory>());

        // The subscription ends with the monitor, which the same container disposes.
        monitor.OnChange(limiter.UpdateOrIgnore);
        return limiter;
    }

    /// <summary>A host that starts asks for this, and so makes the limiter: settings that are wrong stop the start and not the first request.</summary>
    private sealed class AtStart;
}
