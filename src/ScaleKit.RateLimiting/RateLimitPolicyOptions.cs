namespace ScaleKit.RateLimiting;

/// <summary>
/// One policy as it stands in a configuration: <c>"auth/login": { "Limit": 10, "Window": "00:01:00" }</c>.
/// A mutable bag, not thread-safe; a limiter copies and checks it.
/// </summary>
public sealed class RateLimitPolicyOptions
{
    /// <summary>Permits in any window, 1 to 1,000,000,000.</summary>
    /// <value>60</value>
    public int Limit { get; set; } = 60;

    /// <summary>Length of the window, 1 millisecond to 366 days.</summary>
    /// <value>1 minute</value>
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Parts of a window, 1 to 1,024: a permit returns at most Window / Buckets late, and exactly on time where Limit is at most Buckets + 1.</summary>
    /// <value>16</value>
    public int Buckets { get; set; } = RateLimitPolicy.DefaultBuckets;
}
