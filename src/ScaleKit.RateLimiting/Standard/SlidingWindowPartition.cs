using System.Threading.RateLimiting;

namespace ScaleKit.RateLimiting;

/// <summary>Partitions for <c>AddRateLimiter</c> policies and <see cref="PartitionedRateLimiter.Create{TResource, TPartitionKey}"/>. Thread-safe.</summary>
public static class SlidingWindowPartition
{
    /// <summary>
    /// A partition counted by a <see cref="PolicyRateLimiter"/>: live reload, kill switch and, with a store that is shared, the whole cluster. The framework's
    /// limiters are faces only; disposing an idle one loses no count.
    /// </summary>
    /// <param name="limiter">Decides and counts; it is not disposed.</param>
    /// <param name="policy">Name of one of its policies; an unknown one is answered by <c>default</c>.</param>
    /// <param name="key">The partition: 1 to 256 characters.</param>
    /// <param name="timeProvider">The clock that tells how long a face was idle. The system's when null.</param>
    /// <exception cref="ArgumentNullException"><paramref name="limiter"/>, <paramref name="policy"/> or <paramref name="key"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="key"/> is empty or too long.</exception>
    public static RateLimitPartition<string> Get(PolicyRateLimiter limiter, string policy, string key, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(limiter);
        ArgumentNullException.ThrowIfNull(policy);
        ChargeRules.CheckKey(key);
        return RateLimitPartition.Get(key, partition => (RateLimiter)new PolicyKeyLimiter(limiter, policy, partition, timeProvider ?? TimeProvider.System));
    }

    /// <summary>A partition with a <see cref="SlidingWindowLimiter"/> of its own. The framework keeps it while a permit counts.</summary>
    /// <typeparam name="TKey">The partition's key.</typeparam>
    /// <param name="key">The partition.</param>
    /// <param name="policy">The limit of a key; called when the framework makes the limiter.</param>
    /// <param name="timeProvider">The clock. The system's when null.</param>
    /// <exception cref="ArgumentNullException"><paramref name="policy"/> is null.</exception>
    public static RateLimitPartition<TKey> Get<TKey>(TKey key, Func<TKey, RateLimitPolicy> policy, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return RateLimitPartition.Get(key, partition => (RateLimiter)new SlidingWindowLimiter(policy(partition), timeProvider));
    }
}
