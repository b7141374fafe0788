using ScaleKit.RateLimiting;

namespace ScaleKit.AspNetCore;

/// <summary>
/// What the rate limits said about the current request: <c>context.Features.Get&lt;RateLimitFeature&gt;()</c>. Absent while nothing was asked.
/// Belongs to one request; not thread-safe.
/// </summary>
public sealed class RateLimitFeature
{
    private readonly List<RateLimitPolicy> _paid = [];

    /// <summary>Creates the feature.</summary>
    /// <param name="decision">The answer so far.</param>
    public RateLimitFeature(RateLimitDecision decision) => Decision = decision;

    /// <summary>The tightest answer of all policies that the request has paid: the one with the fewest permits left; or the refusal.</summary>
    public RateLimitDecision Decision { get; private set; }

    /// <summary>The policies that the request has paid. Each is paid once, however many parts of the pipeline ask for it.</summary>
    public IReadOnlyList<RateLimitPolicy> Policies => _paid;

    internal bool HasPaid(RateLimitPolicy policy)
    {
        foreach (var paid in _paid)
        {
            // By name: a reload between two parts of the pipeline makes another object of the same policy.
            if (string.Equals(paid.Name, policy.Name, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    internal void Add(RateLimitPolicy policy) => _paid.Add(policy);

    internal void Merge(in RateLimitDecision decision)
    {
        if (decision.Remaining <= Decision.Remaining || !decision.IsAcquired)
        {
            Decision = decision;
        }
    }
}
