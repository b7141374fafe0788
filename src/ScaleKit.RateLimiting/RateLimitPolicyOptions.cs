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

    /// <summary>Permits of one key that may wait in line, 0 to 1,000,000,000; see <see cref="RateLimitPolicy.QueueLimit"/>.</summary>
    /// <value>0: nobody waits.</value>
    public int QueueLimit { get; set; }

    /// <summary>Permits of one key that a node may take ahead from a shared store, 0 to 1,000,000,000; see <see cref="RateLimitPolicy.LeaseLimit"/>.</summary>
    /// <value>0: each call is asked for.</value>
    public int LeaseLimit { get; set; }

    /// <summary>Count and tell, but never refuse; see <see cref="RateLimitPolicy.IsShadow"/>.</summary>
    /// <value>false</value>
    public bool Shadow { get; set; }

    /// <summary>
    /// Limits of single keys instead of <see cref="Limit"/>, at most 10,000, keys compared by ordinal. Configuration keys have no case: two keys that differ only
    /// in case can be told apart in code alone.
    /// </summary>
    /// <value>empty</value>
    public IDictionary<string, int> KeyLimits { get; } = new Dictionary<string, int>(StringComparer.Ordinal);
}
