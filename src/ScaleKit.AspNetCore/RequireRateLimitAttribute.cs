namespace ScaleKit.AspNetCore;

/// <summary>
/// Endpoint metadata: each request pays permits of a policy before the endpoint runs. On a controller, action, hub or handler it takes effect through
/// <c>UseScaleKitRateLimiting</c>; <c>RequireRateLimit</c> on the endpoint needs no middleware. Several may stand on one endpoint. Immutable.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true, Inherited = true)]
public sealed class RequireRateLimitAttribute : Attribute
{
    /// <summary>Creates the metadata.</summary>
    /// <param name="policy">Name of a policy, without regard to case; an unknown one is answered by <c>default</c>.</param>
    /// <param name="permits">What one request costs, 1 or more. More than the policy's limit costs the whole limit.</param>
    /// <exception cref="ArgumentException"><paramref name="policy"/> is null or empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="permits"/> is less than 1.</exception>
    public RequireRateLimitAttribute(string policy, int permits = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(policy);
        ArgumentOutOfRangeException.ThrowIfLessThan(permits, 1);
        Policy = policy;
        Permits = permits;
    }

    /// <summary>Name of the policy.</summary>
    public string Policy { get; }

    /// <summary>What one request costs.</summary>
    /// <value>1</value>
    public int Permits { get; }
}
