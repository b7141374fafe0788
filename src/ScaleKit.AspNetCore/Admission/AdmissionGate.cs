using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ScaleKit.Admission;

namespace ScaleKit.AspNetCore;

/// <summary>
/// Gives a request a seat before anything else happens to it, an upgrade to a WebSocket above all, and takes the seat back when the request ends or its
/// connection breaks, whichever is first.
/// </summary>
internal sealed class AdmissionGate(AdmissionQueue queue, Func<HttpContext, string?> room, HttpAdmissionOptions options, ILogger logger)
{
    private readonly HttpAdmissionOptions _options = HttpAdmissionOptions.CheckedCopy(options);

    public static AdmissionGate Create(IServiceProvider services, Func<HttpContext, string?> room, string caller) => new(
        services.GetService<AdmissionQueue>()
            ?? throw new InvalidOperationException($"{caller} needs the queue: call services.{nameof(AdmissionServiceCollectionExtensions.AddAdmissionQueue)}()."),
        room,
        services.GetRequiredService<IOptions<HttpAdmissionOptions>>().Value,
        services.GetRequiredService<ILoggerFactory>().CreateLogger(Log.Category));

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var held = context.Features.Get<AdmissionLease>();
        if (room(context) is not { } name || string.Equals(held?.Room, name, StringComparison.Ordinal))
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        ValueTask<AdmissionResult> admission;
        try
        {
            var request = new AdmissionRequest(name, _options.ClientIdSelector(context)) { Deadline = _options.MaximumWait };
            admission = queue.AdmitAsync(request, context.RequestAborted);
        }
        catch (ArgumentException exception)
        {
            Log.BadRoom(logger, exception);
            await new Problem(StatusCodes.Status400BadRequest, "Not a room")
            {
                Detail = "The name of the room or of the visitor is empty, too long, or not plain text.",
            }.WriteAsync(context).ConfigureAwait(false);
            return;
        }

        var result = await admission.ConfigureAwait(false);
        if (result.IsAdmitted)
        {
            await HoldAsync(context, next, result.Lease, held).ConfigureAwait(false);
        }
        else
        {
            await RefuseAsync(context, result).ConfigureAwait(false);
        }
    }

    private static async Task HoldAsync(HttpContext context, RequestDelegate next, AdmissionLease lease, AdmissionLease? outer)
    {
        await using (lease.ConfigureAwait(false))
        {
            // A handler that does not notice the broken connection must not keep the seat.
            var release = context.RequestAborted.UnsafeRegister(static lease => _ = ((AdmissionLease)lease!).DisposeAsync().AsTask(), lease);

            // A connection without a seat has no place here: it was held too long, or the server drains by force.
            var abort = lease.LeaseLost.UnsafeRegister(static context => ((HttpContext)context!).Abort(), context);
            await using (release.ConfigureAwait(false))
            await using (abort.ConfigureAwait(false))
            {
                context.Features.Set(lease);
                try
                {
                    await next(context).ConfigureAwait(false);
                }
                finally
                {
                    context.Features.Set(outer);
                }
            }
        }
    }

    private Task RefuseAsync(HttpContext context, in AdmissionResult result)
    {
        if (result.Refusal == AdmissionRefusal.Cancelled)
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return Task.CompletedTask;
        }

        // Where the queue has no hint another node may have a seat at once.
        var seconds = Math.Max(1, RateLimitFields.WholeSeconds(result.RetryAfter ?? TimeSpan.Zero));
        Log.NotAdmitted(logger, result.Refusal, result.BindingCap, seconds);
        return new Problem(StatusCodes.Status503ServiceUnavailable, "No seat is free")
        {
            Detail = AdmissionWords.Explain(result),
            RetryAfter = seconds,
            Refusal = AdmissionWords.Of(result.Refusal),
            Cap = AdmissionWords.Of(result.BindingCap),
            Position = result.Position,
            Redirect = result.RedirectHint,
        }.WriteAsync(context);
    }
}
