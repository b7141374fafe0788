using Microsoft.AspNetCore.Http;
using ScaleKit.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Admission on endpoints.</summary>
public static class AdmissionEndpointConventionBuilderExtensions
{
    /// <summary>
    /// Each request to the endpoint takes a seat in a room before it is handled, so before a WebSocket is accepted, and holds it until it ends or its connection
    /// breaks. The seat is <c>context.Features.Get&lt;AdmissionLease&gt;()</c>. Who gets none is answered 503 with <c>Retry-After</c> and problem details that
    /// name the cap and, after a wait, the position in line; a name that cannot be a room is answered 400.
    /// </summary>
    /// <typeparam name="TBuilder">The kind of endpoint.</typeparam>
    /// <param name="builder">The endpoint or the group.</param>
    /// <param name="room">The room of a request; null lets it pass without a seat. The seats of different endpoints are those of one queue.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="InvalidOperationException">When the endpoints are built: <c>AddAdmissionQueue</c> was not called.</exception>
    public static TBuilder RequireAdmission<TBuilder>(this TBuilder builder, Func<HttpContext, string?> room)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(room);
        builder.Add(endpoint =>
        {
            if (endpoint.RequestDelegate is { } next)
            {
                var gate = AdmissionGate.Create(endpoint.ApplicationServices, room, nameof(RequireAdmission));
                endpoint.RequestDelegate = context => gate.InvokeAsync(context, next);
            }
        });
        return builder;
    }
}
