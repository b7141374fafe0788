using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ScaleKit.Admission;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers an <see cref="AdmissionQueue"/>.</summary>
public static class AdmissionServiceCollectionExtensions
{
    /// <summary>
    /// Registers one <see cref="AdmissionQueue"/> for the application. Where an <c>IConfiguration</c> is registered, its section
    /// <see cref="AdmissionOptions.SectionName"/> is read, at the start and after each change; without one, none is needed. A wrong setting when a host starts stops the start.
    /// </summary>
    /// <param name="services">The services. Calling this twice registers one queue and runs both delegates.</param>
    /// <param name="configure">
    /// Sets options in code. It runs after the configuration and wins over it, except over <see cref="AdmissionOptions.Enabled"/>.
    /// </param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddAdmissionQueue(this IServiceCollection services, Action<AdmissionOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions();
        services.TryAddSingleton<AdmissionConfiguration>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<AdmissionOptions>, AdmissionConfiguration>(Shared));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<AdmissionOptions>, AdmissionConfiguration>(Shared));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IOptionsChangeTokenSource<AdmissionOptions>, AdmissionConfiguration>(Shared));
        if (configure is not null)
        {
            services.Configure(configure);
        }

        if (!services.Any(static service => service.ServiceType == typeof(IConfigureOptions<AtStart>)))
        {
            services.AddOptions<AtStart>().Configure<AdmissionQueue>(static (_, _) => { }).ValidateOnStart();
        }

        services.TryAddSingleton(Create);
        return services;
    }

    private static AdmissionConfiguration Shared(IServiceProvider services) => services.GetRequiredService<AdmissionConfiguration>();

    private static AdmissionQueue Create(IServiceProvider services)
    {
        var monitor = services.GetRequiredService<IOptionsMonitor<AdmissionOptions>>();
        var options = monitor.CurrentValue;
        var queue = new AdmissionQueue(
            options,
            services.GetService<TimeProvider>(),
            services.GetService<ILoggerFactory>()?.CreateLogger<AdmissionQueue>(),
            services.GetService<IMeterFactory>(),
            services.GetService<ISeatStore>());
        queue.Follow(monitor, options);
        return queue;
    }

    /// <summary>A host that starts asks for this, and so makes the queue: settings that are wrong stop the start and not the first request.</summary>
    private sealed class AtStart;
}
