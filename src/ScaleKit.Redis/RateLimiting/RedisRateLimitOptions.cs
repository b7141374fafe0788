namespace ScaleKit.Redis;

/// <summary>
/// How rate limits live in Redis. Bound from the configuration section <see cref="SectionName"/>; copied and checked once, when the
/// <see cref="RedisRateLimitStore"/> is made. Not thread-safe.
/// </summary>
public sealed class RedisRateLimitOptions
{
    /// <summary>The configuration section: <c>ScaleKit:Redis:RateLimiting</c>.</summary>
    public const string SectionName = "ScaleKit:Redis:RateLimiting";

    /// <summary>What happens while Redis does not answer.</summary>
    /// <value>The default is <see cref="RateLimitFallback.Local"/>.</value>
    public RateLimitFallback WhenUnavailable { get; set; } = RateLimitFallback.Local;

    /// <summary>
    /// The longest time that one call waits for Redis, in a queue and under way; then <see cref="WhenUnavailable"/> decides. 1 ms to 1 minute.
    /// <see cref="RedisOptions.CallTimeout"/> ends it too where it is shorter.
    /// </summary>
    /// <value>The default is 0.5 s.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>
    /// Nodes that share the limits while Redis is away, 1 to 100,000; <see langword="null"/> takes the number that Redis last knew, and 1 as long as it was never asked.
    /// </summary>
    /// <value>The default is <see langword="null"/>.</value>
    public int? Nodes { get; set; }

    /// <summary>
    /// Keys that a node remembers names and refusals of, 16 to 10,000,000; about 300 bytes each. Forgetting one costs a call to Redis and nothing else.
    /// </summary>
    /// <value>The default is 65,536.</value>
    public int RememberedKeys { get; set; } = 65_536;

    internal RedisRateLimitOptions CopyChecked()
    {
        Check(WhenUnavailable, RateLimitFallback.Local, RateLimitFallback.Closed, nameof(WhenUnavailable));
        Check(Timeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1), nameof(Timeout));
        Check(Nodes ?? 1, 1, 100_000, nameof(Nodes));
        Check(RememberedKeys, 16, 10_000_000, nameof(RememberedKeys));
        return (RedisRateLimitOptions)MemberwiseClone();
    }

    private static void Check<T>(T value, T lowest, T highest, string name)
        where T : IComparable
    {
        if (value.CompareTo(lowest) < 0 || value.CompareTo(highest) > 0)
        {
            throw new ArgumentOutOfRangeException(name, value, $"Must be between {lowest} and {highest}.");
        }
    }
}
