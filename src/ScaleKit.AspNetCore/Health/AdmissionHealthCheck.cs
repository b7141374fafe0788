using Microsoft.Extensions.Diagnostics.HealthChecks;
using ScaleKit.Admission;

namespace ScaleKit.AspNetCore;

/// <summary>
/// Degraded while the seats or the active rooms are used to 80 % or more, while the kill switch is off, or while the store of
/// shared seats does not answer; otherwise healthy. Never unhealthy: a full server
/// works, and taking it out of the balancer would only fill the others. Thread-safe.
/// </summary>
/// <param name="queue">The queue that is watched.</param>
public sealed class AdmissionHealthCheck(AdmissionQueue queue) : IHealthCheck
{
    private const double Saturated = 0.8;
    private readonly AdmissionQueue _queue = queue ?? throw new ArgumentNullException(nameof(queue));

    /// <summary>Seats, active rooms and waiting visitors of this moment, in the data of the result.</summary>
    /// <param name="context">Not used.</param>
    /// <param name="cancellationToken">Not used: the answer is at hand.</param>
    /// <returns>A completed task.</returns>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var now = _queue.GetSnapshot(maximumRooms: 0);
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["seats"] = now.Seats,
            ["totalCapacity"] = now.TotalCapacity,
            ["activeRooms"] = now.ActiveRooms,
            ["activeRoomCapacity"] = now.ActiveRoomCapacity,
            ["waiting"] = now.Waiting,
            ["isEnabled"] = now.IsEnabled,
            ["isAway"] = _queue.IsAway,
        };
        var worry = now switch
        {
            _ when _queue.IsAway => "The store of the seats does not answer: this node decides alone.",
            { IsEnabled: false } => "The caps are switched off.",
            _ when now.Seats >= Saturated * now.TotalCapacity => "The seats are nearly all taken.",
            _ when now.ActiveRooms >= Saturated * now.ActiveRoomCapacity => "Nearly as many rooms as allowed are in use.",
            _ => null,
        };
        return Task.FromResult(worry is null ? HealthCheckResult.Healthy(data: data) : HealthCheckResult.Degraded(worry, data: data));
    }
}
