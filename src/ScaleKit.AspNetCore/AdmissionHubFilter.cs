using Microsoft.AspNetCore.SignalR;
using ScaleKit.Admission;

namespace ScaleKit.AspNetCore;

/// <summary>
/// Every call of a hub method is a sign of life of the caller's seat (<see cref="AdmissionLease.Beat"/>), for queues with an <see cref="AdmissionOptions.IdleTimeout"/>:
/// <c>services.AddSignalR(options => options.AddFilter&lt;AdmissionHubFilter&gt;())</c>. SignalR's own pings are none: they say that the connection lives, not that
/// anybody uses it. Stateless and thread-safe.
/// </summary>
/// <remarks>
/// The seat is the one that the connection's request was given on its way to the hub. Where it has none, or its transport ends the request early
/// (long polling), the filter does nothing.
/// </remarks>
public sealed class AdmissionHubFilter : IHubFilter
{
    /// <summary>Notes the sign of life, then runs the hub method.</summary>
    /// <param name="invocationContext">The call.</param>
    /// <param name="next">The rest of the pipeline.</param>
    /// <returns>The method's result.</returns>
    public ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        ArgumentNullException.ThrowIfNull(invocationContext);
        ArgumentNullException.ThrowIfNull(next);
        _ = invocationContext.Context.GetHttpContext()?.Features.Get<AdmissionLease>()?.Beat();
        return next(invocationContext);
    }
}
