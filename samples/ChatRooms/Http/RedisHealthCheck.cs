using Microsoft.Extensions.Diagnostics.HealthChecks;
using ScaleKit.Redis;

namespace ChatRooms;

/// <summary>Degraded, not unhealthy: without Redis a node still serves the people that it has, and to take all nodes away at once would serve nobody.</summary>
internal sealed class RedisHealthCheck(RedisConnection redis) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        (await redis.CheckHealthAsync(cancellationToken)).Failure is { } failure
            ? HealthCheckResult.Degraded($"Redis is of no use now: {failure.Failure}.")
            : HealthCheckResult.Healthy();
}
