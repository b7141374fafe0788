using Microsoft.AspNetCore.Http;
using ScaleKit.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Rate limits and admission as middleware.</summary>
public static class ScaleKitApplicationBuilderExtensions
{
    /// <summary>
    /// Each request pays <see cref="HttpRateLimitOptions.GlobalPolicies"/> and what <see cref="RequireRateLimitAttribute"/> asks on its endpoint, together, all or
    /// none. Place it after routing and authentication. What is paid here is not paid again by <c>RequireRateLimit</c>.
    /// </summary>
    /// <param name="app">The pipeline.</param>
    /// <returns><paramref name="app"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="app"/> is null.</exception>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    /// <exception cref="InvalidOperationException"><c>AddScaleKitRateLimiting</c> was not called.</exception>
    public static IApplicationBuilder UseScaleKitRateLimiting(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var gate = RateLimitGate.Create(app.ApplicationServices, nameof(UseScaleKitRateLimiting));
        return app.Use(next => context => gate.InvokeWithGlobalAsync(context, next));
    }

    /// <summary>
    /// Each request for which <paramref name="room"/> names a room takes a seat there and holds it until it ends; see <c>RequireAdmission</c>.
    /// </summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="room">The room of a request; null lets it pass without a seat.</param>
    /// <returns><paramref name="app"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    /// <exception cref="InvalidOperationException"><c>AddAdmissionQueue</c> was not called.</exception>
    public static IApplicationBuilder UseScaleKitAdmission(this IApplicationBuilder app, Func<HttpContext, string?> room)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(room);
        var gate = AdmissionGate.Create(app.ApplicationServices, room, nameof(UseScaleKitAdmission));
        return app.Use(next => context => gate.InvokeAsync(context, next));
    }
}
