using Microsoft.Extensions.Diagnostics.HealthChecks;
using ScaleKit.RateLimiting;

namespace ScaleKit.AspNetCore;

/// <summary>
/// Asks the limiter's store a question that takes no permit: healthy when it answers, degraded while the kill switch is off, and the registration's failure
/// status when the store cannot answer. Thread-safe.
/// </summary>
/// <param name="limiter">The limiter that is watched.</param>
public sealed class RateLimiterHealthCheck(PolicyRateLimiter limiter) : IHealthCheck
{
    private const string Key = "scalekit:health";
    private readonly PolicyRateLimiter _limiter = limiter ?? throw new ArgumentNullException(nameof(limiter));

    /// <summary>Asks once.</summary>
    /// <param name="context">Gives the status of a failure.</param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    /// <returns>The state of the limiter.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            var decision = await _limiter.AcquireAsync(RateLimitPolicy.DefaultName, Key, permits: 0, cancellationToken).ConfigureAwait(false);
            return decision.Outcome == RateLimitOutcome.Bypassed
                ? HealthCheckResult.Degraded("The limits are switched off.")
                : HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "The store of the limits does not answer.", exception);
        }
    }
}
