using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using ScaleKit.AspNetCore;

namespace EndpointLimits;

/// <summary>The application: what an author writes to limit endpoints.</summary>
internal static class LimitedApp
{
    /// <summary>Names who calls. A real application takes the authenticated user, which is the default; anybody can write a header.</summary>
    public const string UserHeader = "X-User";

    public static async Task<WebApplication> StartAsync(LimitsFile limits, SampleOptions options)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddJsonFile(limits.Path, optional: false, reloadOnChange: true);
        builder.Configuration.AddInMemoryCollection(Windows(limits, options.Window));
        builder.Services.AddScaleKitRateLimiting();
        if (options.Redis is not null)
        {
            // A busy machine is no failure here: the sample waits for Redis rather than count by itself.
            builder.Configuration.AddInMemoryCollection([new("ScaleKit:Redis:RateLimiting:Timeout", "00:00:10")]);
            builder.Services.AddScaleKitRedis(options.Redis, redis => (redis.KeyPrefix, redis.CallTimeout) = ("endpoint-limits", TimeSpan.FromSeconds(10)));
        }

        builder.Services.Configure<HttpRateLimitOptions>(http => http.KeySelector = context => context.Request.Headers[UserHeader].ToString());
        var app = builder.Build();
        Map(app);
        try
        {
            await app.StartAsync();
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public static Uri AddressOf(WebApplication app) =>
        new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    private static void Map(WebApplication app)
    {
        app.MapPost("/auth/login", () => "welcome").RequireRateLimit("auth/login");
        var data = app.MapGroup("/workspaces").RequireRateLimit("workspaces/data");
        data.MapGet("/data", () => "rows");

        // Two limits at once, all or nothing: a refused write takes none of the reads.
        data.MapPost("/data", () => "written").RequireRateLimit("workspaces/data:write");

        // Ten times the work of a reading.
        data.MapGet("/export", () => "all rows").RequireRateLimit("workspaces/data", permits: 10);
        app.MapPost("/google/sync", () => "synchronised").RequireRateLimit("google/sync");
        app.MapPost("/ai/chat", () => "an answer").RequireRateLimit("ai/chat");

        // No policy has this name: "default" answers for it.
        app.MapGet("/reports", () => "a report").RequireRateLimit("reports");
    }

    private static IEnumerable<KeyValuePair<string, string?>> Windows(LimitsFile limits, TimeSpan? window) => window is not { } length ? [] :
        limits.PolicyNames.Select(policy => new KeyValuePair<string, string?>(
            $"ScaleKit:RateLimiting:Policies:{policy}:Window", length.ToString("c", CultureInfo.InvariantCulture))).ToList();
}
