using Microsoft.Extensions.Diagnostics.HealthChecks;
using ScaleKit.AspNetCore;
using ScaleKit.Migration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Health checks of the primitives.</summary>
public static class ScaleKitHealthChecksBuilderExtensions
{
    /// <summary>Adds <see cref="AdmissionHealthCheck"/>.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="tags">Tags to choose it by, such as <c>ready</c>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IHealthChecksBuilder AddScaleKitAdmission(
        this IHealthChecksBuilder builder, string name = "scalekit-admission", IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name, static services => ActivatorUtilities.GetServiceOrCreateInstance<AdmissionHealthCheck>(services), failureStatus: null, tags));
    }

    /// <summary>Adds <see cref="RateLimiterHealthCheck"/>.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="failureStatus">What a store that does not answer means; unhealthy when null.</param>
    /// <param name="tags">Tags to choose it by, such as <c>ready</c>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IHealthChecksBuilder AddScaleKitRateLimiter(
        this IHealthChecksBuilder builder, string name = "scalekit-rate-limiter", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name, static services => ActivatorUtilities.GetServiceOrCreateInstance<RateLimiterHealthCheck>(services), failureStatus, tags));
    }

    /// <summary>Adds <see cref="ServiceLevelHealthCheck"/> for the monitor of <c>AddScaleKitServiceLevel</c>.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="tags">Tags to choose it by, such as <c>ready</c>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IHealthChecksBuilder AddScaleKitServiceLevel(
        this IHealthChecksBuilder builder, string name = "scalekit-service-level", IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name, static services => ActivatorUtilities.GetServiceOrCreateInstance<ServiceLevelHealthCheck>(services), failureStatus: null, tags));
    }

    /// <summary>
    /// Adds <see cref="MigrationHealthCheck"/> for the repository that <c>AddDualWriteRepository</c> has registered for these types. A readiness check: an instance that is more than one rung from the
    /// fleet must get no requests, but needs no restart.
    /// </summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The name of the check; give each of several migrations its own.</param>
    /// <param name="failureStatus">What an instance that is not ready means; unhealthy when null.</param>
    /// <param name="tags">Tags to choose it by, such as <c>ready</c>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IHealthChecksBuilder AddScaleKitMigration<TKey, TValue>(
        this IHealthChecksBuilder builder, string name = "scalekit-migration", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name, static services => new MigrationHealthCheck(services.GetRequiredService<DualWriteRepository<TKey, TValue>>().Ladder), failureStatus, tags));
    }
}
