using Microsoft.AspNetCore.Http;

namespace ScaleKit.AspNetCore;

/// <summary>
/// How rate limits meet HTTP: who is limited and what the response shows. Set with <c>services.Configure&lt;HttpRateLimitOptions&gt;(…)</c>;
/// read when the pipeline and its endpoints are built. The limits themselves, and the kill switch, are those of the rate limiter.
/// </summary>
public sealed class HttpRateLimitOptions
{
    /// <summary>
    /// Who pays for a request. Null exempts the request. An empty key stands for all callers without one, who share their permits: a missing header must not be
    /// a way around. A key of more than 256 characters is replaced by its SHA-256.
    /// </summary>
    /// <value>
    /// The name of the authenticated user, else the client's address (an IPv6 address by its /64 network, which is what one subscriber has). Behind a proxy the
    /// address is the proxy's unless the forwarded headers middleware runs first.
    /// </value>
    public Func<HttpContext, string?> KeySelector { get; set; } = ClientKey.UserOrAddress;

    /// <summary>Policies that every request pays in <c>UseScaleKitRateLimiting</c>, also where no endpoint matches.</summary>
    /// <value>None.</value>
    public IList<string> GlobalPolicies { get; } = [];

    /// <summary>Whether responses carry the fields <c>RateLimit</c> and <c>RateLimit-Policy</c>. <c>Retry-After</c> stands on every refusal.</summary>
    /// <value>true</value>
    public bool SendFields { get; set; } = true;

    internal static HttpRateLimitOptions CheckedCopy(HttpRateLimitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.KeySelector is null)
        {
            throw new ArgumentException($"{nameof(HttpRateLimitOptions)}.{nameof(KeySelector)} is null.", nameof(options));
        }

        var copy = new HttpRateLimitOptions { KeySelector = options.KeySelector, SendFields = options.SendFields };
        foreach (var policy in options.GlobalPolicies)
        {
            copy.GlobalPolicies.Add(string.IsNullOrEmpty(policy)
                ? throw new ArgumentException($"{nameof(HttpRateLimitOptions)}.{nameof(GlobalPolicies)} holds a policy without a name.", nameof(options))
                : policy);
        }

        return copy;
    }
}
