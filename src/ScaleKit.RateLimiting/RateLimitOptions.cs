namespace ScaleKit.RateLimiting;

/// <summary>
/// Settings of a <see cref="PolicyRateLimiter"/>, read from the configuration section <see cref="SectionName"/> and re-read while running.
/// A mutable bag, not thread-safe; the limiter copies and checks it.
/// </summary>
public sealed class RateLimitOptions
{
    /// <summary>The configuration section: <c>ScaleKit:RateLimiting</c>.</summary>
    public const string SectionName = "ScaleKit:RateLimiting";

    /// <summary>The kill switch. When false every call is acquired and nothing is counted.</summary>
    /// <value>true</value>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// The policies by name, without regard to case. An unknown name asked for at run time is answered by <c>default</c>, which therefore must be present.
    /// </summary>
    /// <value>One policy, <c>default</c>: 60 permits a minute.</value>
    public IDictionary<string, RateLimitPolicyOptions> Policies { get; } =
        new Dictionary<string, RateLimitPolicyOptions>(StringComparer.OrdinalIgnoreCase) { [RateLimitPolicy.DefaultName] = new() };

    /// <summary>Keys that no policy limits, at most 10,000, compared by ordinal: their calls are <see cref="RateLimitOutcome.Bypassed"/>.</summary>
    /// <value>empty</value>
    public ISet<string> AllowedKeys { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Keys that every policy refuses, also one in shadow mode, at most 10,000, compared by ordinal: their calls are <see cref="RateLimitOutcome.Denied"/>.</summary>
    /// <value>empty</value>
    public ISet<string> DeniedKeys { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>
    /// Keys with a window of their own that the in-process store holds at a time, 1 to 100,000,000. Keys beyond share windows: never more than their limit,
    /// but refused for each other's calls (see <see cref="InProcessRateLimitStore"/>). Read once, when the store is made.
    /// </summary>
    /// <value>1,000,000</value>
    public int MaximumKeys { get; set; } = InProcessRateLimitStore.DefaultMaximumKeys;

    /// <summary>What the configuration section says that cannot be read. Kept instead of thrown, so that a mistake in a live edit does not throw into the file watcher.</summary>
    internal List<string> ConfigurationErrors { get; } = [];
}
