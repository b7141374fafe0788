using Microsoft.Extensions.Diagnostics.HealthChecks;
using ScaleKit.Migration;

namespace ScaleKit.AspNetCore;

/// <summary>
/// The registration's failure status while this instance may not be sent requests: its phase is not read, its lease has ended, or something runs in it that is more than one rung from the phase of the
/// journal; degraded while the kill switch is off, as nothing is repaired then; otherwise healthy. See <see cref="MigrationLadder.CheckReadinessAsync"/>. Thread-safe.
/// </summary>
/// <param name="ladder">The phase that is watched.</param>
public sealed class MigrationHealthCheck(MigrationLadder ladder) : IHealthCheck
{
    private readonly MigrationLadder _ladder = ladder ?? throw new ArgumentNullException(nameof(ladder));

    /// <summary>Reads the journal once. Phase and epoch of this instance stand in the data of the result.</summary>
    /// <param name="context">Gives the status of a failure.</param>
    /// <param name="cancellationToken">Ends the wait for the journal.</param>
    /// <returns>Whether this instance may be sent requests.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var readiness = await _ladder.CheckReadinessAsync(cancellationToken).ConfigureAwait(false);
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["phase"] = readiness.Phase.ToString(),
            ["epoch"] = readiness.Epoch,
            ["isEnabled"] = _ladder.IsEnabled,
        };
        return (readiness.IsReady, _ladder.IsEnabled) switch
        {
            (false, _) => new HealthCheckResult(context.Registration.FailureStatus, readiness.Reason, data: data),
            (_, false) => HealthCheckResult.Degraded("The kill switch is off: debts are not paid, and the phase cannot be changed.", data: data),
            _ => HealthCheckResult.Healthy(data: data),
        };
    }
}
