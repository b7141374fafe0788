using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ScaleKit.AspNetCore;

/// <summary>
/// Degraded while an objective is missed; otherwise healthy. Never unhealthy: what makes requests fail or slow is mostly shared, and taking one instance after the other out of the balancer would
/// only load the others. Thread-safe.
/// </summary>
/// <param name="monitor">The monitor.</param>
public sealed class ServiceLevelHealthCheck(ServiceLevelMonitor monitor) : IHealthCheck
{
    private readonly ServiceLevelMonitor _monitor = monitor ?? throw new ArgumentNullException(nameof(monitor));

    /// <summary>The shares of the window, in the data of the result.</summary>
    /// <param name="context">Not used.</param>
    /// <param name="cancellationToken">Not used: the answer is at hand.</param>
    /// <returns>A completed task.</returns>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var now = _monitor.GetSnapshot();
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["requests"] = now.Requests,
            ["errorShare"] = now.ErrorShare,
            ["slowShare"] = now.SlowShare,
            ["isEnabled"] = _monitor.IsEnabled,
        };
        var worry = now switch
        {
            { IsErrorRateMissed: true } => "Too many requests fail.",
            { IsLatencyMissed: true } => "Too many requests take too long.",
            _ => null,
        };
        return Task.FromResult(worry is null ? HealthCheckResult.Healthy(data: data) : HealthCheckResult.Degraded(worry, data: data));
    }
}
