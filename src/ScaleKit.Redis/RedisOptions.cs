namespace ScaleKit.Redis;

/// <summary>
/// How ScaleKit reaches Redis. Bound from the configuration section <see cref="SectionName"/>; copied and checked once, when the
/// <see cref="RedisConnection"/> is made, so later changes have no effect. Not thread-safe.
/// </summary>
public sealed class RedisOptions
{
    /// <summary>The configuration section that these options are bound from: <c>ScaleKit:Redis</c>.</summary>
    public const string SectionName = "ScaleKit:Redis";

    /// <summary>
    /// The connection string of StackExchange.Redis: end points and settings separated by commas, for example
    /// <c>redis-1:6379,redis-2:6379,password=...,ssl=true</c>. It may hold a password and is therefore never logged or shown.
    /// </summary>
    /// <value>The default is empty, which is refused: there is no server that would be right for everybody.</value>
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// Begins the name of every key and channel, so that several applications can share one Redis. 1 to 64 characters out of ASCII
    /// letters, digits, <c>-</c>, <c>_</c>, <c>.</c> and <c>:</c>.
    /// </summary>
    /// <value>The default is <c>scalekit</c>.</value>
    public string KeyPrefix { get; set; } = "scalekit";

    /// <summary>
    /// The longest time that one call may take, connecting and a repeated script included; after it the caller gets a
    /// <see cref="RedisUnavailableException"/>. One timer ends all calls, and may do so up to a twentieth of this time, or 1 ms, early.
    /// 10 ms to 1 minute. The server may still carry out a call that was given up.
    /// </summary>
    /// <value>The default is 1 s.</value>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The share of failed calls within <see cref="BreakerWindow"/> from which on the circuit breaker opens. 0.01 to 1.</summary>
    /// <value>The default is 0.5.</value>
    public double BreakerFailureRatio { get; set; } = 0.5;

    /// <summary>The number of calls within <see cref="BreakerWindow"/> below which the breaker does not judge. 2 to 1,000,000.</summary>
    /// <value>The default is 10.</value>
    public int BreakerMinimumCalls { get; set; } = 10;

    /// <summary>The time over which the breaker counts. 0.5 s to 1 hour.</summary>
    /// <value>The default is 10 s.</value>
    public TimeSpan BreakerWindow { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an open breaker refuses every call at once, before it lets one through to try (half-open). 0.5 s to 1 hour.</summary>
    /// <value>The default is 2 s.</value>
    public TimeSpan BreakerPause { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Messages that may wait for a slow listener, per subscription. When one more comes, all that wait are dropped and the listener
    /// is told that it has missed something. 1 to 1,000,000.
    /// </summary>
    /// <value>The default is 10,000.</value>
    public int SubscriptionQueueLimit { get; set; } = 10_000;

    /// <summary>
    /// How often each subscription sends itself a message to prove that its line is alive. 0.1 s to 1 hour. Every node that subscribes
    /// to the same channel receives it too.
    /// </summary>
    /// <value>The default is 10 s.</value>
    public TimeSpan SubscriptionCheckInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The settings without the connection string, which may hold a password.</summary>
    public override string ToString() =>
        $"{nameof(KeyPrefix)}={KeyPrefix}, {nameof(CallTimeout)}={CallTimeout}, {nameof(BreakerPause)}={BreakerPause}";

    internal RedisOptions CopyChecked()
    {
        CheckPrefix(KeyPrefix, nameof(KeyPrefix));
        Check(CallTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1), nameof(CallTimeout));
        Check(BreakerFailureRatio, 0.01, 1, nameof(BreakerFailureRatio));
        Check(BreakerMinimumCalls, 2, 1_000_000, nameof(BreakerMinimumCalls));
        Check(BreakerWindow, TimeSpan.FromSeconds(0.5), TimeSpan.FromHours(1), nameof(BreakerWindow));
        Check(BreakerPause, TimeSpan.FromSeconds(0.5), TimeSpan.FromHours(1), nameof(BreakerPause));
        Check(SubscriptionQueueLimit, 1, 1_000_000, nameof(SubscriptionQueueLimit));
        Check(SubscriptionCheckInterval, TimeSpan.FromSeconds(0.1), TimeSpan.FromHours(1), nameof(SubscriptionCheckInterval));
        return (RedisOptions)MemberwiseClone();
    }

    private static void Check<T>(T value, T lowest, T highest, string name)
        where T : IComparable<T>
    {
        if (value.CompareTo(lowest) < 0 || value.CompareTo(highest) > 0)
        {
            throw new ArgumentOutOfRangeException(name, value, $"Must be between {lowest} and {highest}.");
        }
    }

    private static void CheckPrefix(string prefix, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix, name);
        if (prefix.Length > 64 || !prefix.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':'))
        {
            throw new ArgumentException(
                $"'{Text.Shorten(prefix)}' must be 1 to 64 characters out of ASCII letters, digits, '-', '_', '.' and ':'.", name);
        }
    }
}
