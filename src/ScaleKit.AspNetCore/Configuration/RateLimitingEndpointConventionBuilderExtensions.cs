using ScaleKit.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Rate limits on endpoints.</summary>
public static class RateLimitingEndpointConventionBuilderExtensions
{
    /// <summary>
    /// Each request to the endpoint pays permits of a policy before its body is read: refused ones get 429 with problem details and <c>Retry-After</c>, all get
    /// <c>RateLimit</c> and <c>RateLimit-Policy</c>. Works on every kind of endpoint and on groups, with or without <c>UseScaleKitRateLimiting</c>. Call it
    /// several times for several policies: their permits are taken together, all or none, and each once.
    /// </summary>
    /// <typeparam name="TBuilder">The kind of endpoint.</typeparam>
    /// <param name="builder">The endpoint or the group.</param>
    /// <param name="policy">Name of a policy; an unknown one is answered by <c>default</c>.</param>
    /// <param name="permits">What one request costs, 1 or more.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentException">An argument is null, or <paramref name="policy"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="permits"/> is less than 1.</exception>
    /// <exception cref="InvalidOperationException">When the endpoints are built: <c>AddScaleKitRateLimiting</c> was not called.</exception>
    public static TBuilder RequireRateLimit<TBuilder>(this TBuilder builder, string policy, int permits = 1)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        var attribute = new RequireRateLimitAttribute(policy, permits);
        builder.Add(endpoint =>
        {
            endpoint.Metadata.Add(attribute);
            if (endpoint.RequestDelegate is not { } next || endpoint.Metadata.Contains(Guarded.Mark))
            {
                return;
            }

            endpoint.Metadata.Add(Guarded.Mark);
            var gate = RateLimitGate.Create(endpoint.ApplicationServices, nameof(RequireRateLimit));
            endpoint.RequestDelegate = context => gate.InvokeForEndpointAsync(context, next);
        });
        return builder;
    }

    /// <summary>On an endpoint that pays already: one guard reads all the metadata.</summary>
    private sealed class Guarded
    {
        public static readonly Guarded Mark = new();
    }
}
