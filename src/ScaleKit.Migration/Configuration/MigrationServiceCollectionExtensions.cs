using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ScaleKit.Migration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers migrations.</summary>
public static class MigrationServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="DualWriteRepository{TKey, TValue}"/> between two stores, with its <see cref="MigrationLadder"/>, <see cref="Backfill{TKey, TValue}"/>, <see cref="Verification{TKey, TValue}"/> and
    /// <see cref="MigrationRunner{TKey, TValue}"/>. Registering the same types twice changes nothing; of several
    /// repositories, the ladder that is resolved by itself is that of the first.
    /// </summary>
    /// <remarks>
    /// Settings come from the section <c>ScaleKit:Migration</c> where a configuration is registered, then from <paramref name="configure"/>; only <c>Enabled</c> follows the configuration, also
    /// while running. The phase is kept in the registered <see cref="IMigrationJournal"/>, else in memory. The stores belong to the container that makes them.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="old">Gives the store that the data is in.</param>
    /// <param name="new">Gives the store that the data goes to.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument other than <paramref name="configure"/> is null.</exception>
    public static IServiceCollection AddDualWriteRepository<TKey, TValue>(
        this IServiceCollection services,
        Func<IServiceProvider, IVersionedStore<TKey, TValue>> old,
        Func<IServiceProvider, IVersionedStore<TKey, TValue>> @new,
        Action<MigrationOptions>? configure = null)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(@new);
        services.AddOptions();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<MigrationOptions>, MigrationConfiguration>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<MigrationOptions>, MigrationConfiguration>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IOptionsChangeTokenSource<MigrationOptions>, MigrationConfiguration>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(provider => Create(provider, old(provider), @new(provider)));
        services.TryAddSingleton(static provider => provider.GetRequiredService<DualWriteRepository<TKey, TValue>>().Ladder);
        services.TryAddSingleton(static provider => new Backfill<TKey, TValue>(provider.GetRequiredService<DualWriteRepository<TKey, TValue>>()));
        services.TryAddSingleton(static provider => new Verification<TKey, TValue>(provider.GetRequiredService<DualWriteRepository<TKey, TValue>>()));
        services.TryAddSingleton(static provider => new MigrationRunner<TKey, TValue>(provider.GetRequiredService<DualWriteRepository<TKey, TValue>>()));
        return services;
    }

    private static DualWriteRepository<TKey, TValue> Create<TKey, TValue>(
        IServiceProvider provider, IVersionedStore<TKey, TValue> old, IVersionedStore<TKey, TValue> @new)
        where TKey : notnull
    {
        var monitor = provider.GetRequiredService<IOptionsMonitor<MigrationOptions>>();
        var ladder = new MigrationLadder(
            old,
            @new,
            monitor.CurrentValue,
            provider.GetService<IMigrationJournal>(),
            provider.GetService<TimeProvider>(),
            provider.GetService<ILoggerFactory>(),
            provider.GetService<IMeterFactory>());
        var following = monitor.OnChange(options => ladder.IsEnabled = options.Enabled);
        return new DualWriteRepository<TKey, TValue>(old, @new, ladder, following);
    }
}
