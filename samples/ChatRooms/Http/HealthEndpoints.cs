using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ChatRooms;

/// <summary>GET /health: the process lives, whatever else does not. GET /ready: it may be sent people; 503 when it would answer nothing.</summary>
internal static class HealthEndpoints
{
    private const string Ready = "ready";

    public static void AddChatHealth(this IServiceCollection services, ChatOptions options)
    {
        var checks = services.AddHealthChecks()
            .AddScaleKitRateLimiter(failureStatus: HealthStatus.Degraded, tags: [Ready])
            .AddScaleKitAdmission(tags: [Ready])
            .AddScaleKitServiceLevel(tags: [Ready])
            .AddScaleKitMigration<string, ChatMessage>(tags: [Ready]);
        if (options.Redis is not null)
            checks.AddCheck<RedisHealthCheck>("redis", tags: [Ready]);
    }

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        // Probes are nobody's requests: a 503 of theirs must not count as one that failed, and keep the node out by itself.
        routes.MapHealthChecks("/health", new HealthCheckOptions { Predicate = static _ => false }).DisableHttpMetrics();
        routes.MapHealthChecks("/ready", new HealthCheckOptions { Predicate = static check => check.Tags.Contains(Ready), ResponseWriter = WriteAsync }).DisableHttpMetrics();
    }

    /// <summary>The state of all, then a line for each.</summary>
    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"{report.Status}");
        foreach (var (name, entry) in report.Entries)
            text.AppendLine(CultureInfo.InvariantCulture, $"{name}: {entry.Status} {entry.Description}");
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text.ToString(), context.RequestAborted);
    }
}
