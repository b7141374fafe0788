using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ScaleKit.RateLimiting;

namespace ScaleKit.AspNetCore;

/// <summary>Takes the permits that a request owes, all or none, and answers 429 when they are not there. Middleware and endpoints share it.</summary>
internal sealed class RateLimitGate(PolicyRateLimiter limiter, HttpRateLimitOptions options, ILogger logger)
{
    private readonly HttpRateLimitOptions _options = HttpRateLimitOptions.CheckedCopy(options);

    public static RateLimitGate Create(IServiceProvider services, string caller) => new(
        services.GetService<PolicyRateLimiter>()
            ?? throw new InvalidOperationException($"{caller} needs the rate limiter: call services.{nameof(RateLimitingServiceCollectionExtensions.AddScaleKitRateLimiting)}()."),
        services.GetRequiredService<IOptions<HttpRateLimitOptions>>().Value,
        services.GetRequiredService<ILoggerFactory>().CreateLogger(Log.Category));

    /// <summary>What every request owes and what its endpoint asks for.</summary>
    public Task InvokeWithGlobalAsync(HttpContext context, RequestDelegate next) => InvokeAsync(context, next, _options.GlobalPolicies);

    /// <summary>What the endpoint asks for and nobody has paid yet.</summary>
    public Task InvokeForEndpointAsync(HttpContext context, RequestDelegate next) => InvokeAsync(context, next, []);

    private Task InvokeAsync(HttpContext context, RequestDelegate next, IList<string> global)
    {
        var asked = context.GetEndpoint()?.Metadata.GetOrderedMetadata<RequireRateLimitAttribute>() ?? [];
        if (asked.Count + global.Count == 0 || _options.KeySelector(context) is not { } key)
        {
            return next(context);
        }

        var paid = context.Features.Get<RateLimitFeature>();
        var charges = new List<RateLimitCharge>(asked.Count + global.Count);
        key = ClientKey.Bounded(key);
        foreach (var policy in global)
        {
            Add(charges, paid, policy, permits: 1, key);
        }

        foreach (var attribute in asked)
        {
            Add(charges, paid, attribute.Policy, attribute.Permits, key);
        }

        return charges.Count == 0 ? next(context) : PayAsync(context, next, charges, paid);
    }

    private void Add(List<RateLimitCharge> charges, RateLimitFeature? paid, string name, int permits, string key)
    {
        var policy = limiter.GetPolicy(name, key);
        if (paid?.HasPaid(policy) == true)
        {
            return;
        }

        // A limit that a reload lowered below the cost of a request would otherwise turn into an error.
        permits = Math.Min(permits, policy.Limit);
        for (var index = 0; index < charges.Count; index++)
        {
            if (string.Equals(charges[index].Policy.Name, policy.Name, StringComparison.Ordinal))
            {
                // Named twice, on a group and on its endpoint: paid once, at the higher cost.
                charges[index] = new RateLimitCharge(charges[index].Policy, key, Math.Max(permits, charges[index].Permits));
                return;
            }
        }

        charges.Add(new RateLimitCharge(policy, key, permits));
    }

    private async Task PayAsync(HttpContext context, RequestDelegate next, List<RateLimitCharge> charges, RateLimitFeature? feature)
    {
        var decision = await limiter.AcquireAllAsync(charges.ToArray(), context.RequestAborted).ConfigureAwait(false);
        if (feature is null)
        {
            context.Features.Set(feature = new RateLimitFeature(decision));
        }
        else
        {
            feature.Merge(decision);
        }

        foreach (var charge in charges)
        {
            feature.Add(charge.Policy);
        }

        if (_options.SendFields && decision.Outcome is not (RateLimitOutcome.Bypassed or RateLimitOutcome.WouldRefuse))
        {
            RateLimitFields.Write(context.Response.Headers, feature.Policies, feature.Decision);
        }

        await (decision.IsAcquired ? next(context) : RefuseAsync(context, decision)).ConfigureAwait(false);
    }

    private Task RefuseAsync(HttpContext context, in RateLimitDecision decision)
    {
        var seconds = Math.Max(1, RateLimitFields.WholeSeconds(decision.RetryAfter));
        Log.RateLimited(logger, decision.Policy, seconds);
        return new Problem(StatusCodes.Status429TooManyRequests, "Too many requests")
        {
            Type = "https://iana.org/assignments/http-problem-types#quota-exceeded",
            Detail = string.Create(CultureInfo.InvariantCulture, $"At most {decision.Limit} in {decision.Window.TotalSeconds:0.###} s; try again in {seconds} s."),
            RetryAfter = seconds,
            ViolatedPolicy = decision.Policy,
        }.WriteAsync(context);
    }
}
