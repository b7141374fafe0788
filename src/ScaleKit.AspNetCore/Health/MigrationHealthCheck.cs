using Microsoft.Extensions.Diagnostics.HealthChecks;
using ScaleKit.Migration;

namespace ScaleKit.AspNetCore;

/// <summary>
/// Asks <see cref="MigrationLadder.CheckReadinessAsync"/>: healthy while this instance holds its lease and runs the phase of the journal or a neighbour of it,
/// degraded while the kill switch is off, and the registration's failure status otherwise, because the instance then answers nothing. Thread-safe.
/// </summary>
/// <param name="ladder">The ladder that is watched.</param>
public sealed class MigrationHealthCheck(MigrationLadder ladder) : IHealthCheck
{
    private readonly MigrationLadder _ladder = ladder ?? throw new ArgumentNullException(nameof(ladder));

    /// <summary>Asks the journal; phase and epoch of this instance are in the data of the result.</summary>
    /// <param name="context">Gives the status of an instance that is not ready.</param>
    /// <param name="cancellationToken">Ends the wait for the journal.</param>
    /// <returns>The state of the instance.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var now = await _ladder.CheckReadinessAsync(cancellationToken).ConfigureAwait(false);
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["phase"] = now.Phase.ToString(),
            ["epoch"] = now.Epoch,
            ["isEnabled"] = _ladder.IsEnabled,
        };
        return now switch
        {
            { IsReady: false } => new HealthCheckResult(context.Registration.FailureStatus, now.Reason, exception: null, data),
            _ when !_ladder.IsEnabled => HealthCheckResult.Degraded("The moves of the migration are switched off.", data: data),
            _ => HealthCheckResult.Healthy(data: data),
        };
    }
}
