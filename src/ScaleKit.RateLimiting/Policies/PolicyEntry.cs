using System.Collections.Frozen;

namespace ScaleKit.RateLimiting;

/// <summary>One policy in force, and its forms for the keys that have a limit of their own. Thread-safe.</summary>
internal sealed class PolicyEntry(RateLimitPolicy policy, FrozenDictionary<string, RateLimitPolicy>? byKey)
{
    private string? _alias;

    public RateLimitPolicy Policy { get; } = policy;

    public FrozenDictionary<string, RateLimitPolicy>? ByKey { get; } = byKey;

    /// <summary>A string that this entry was found by, to know it again by reference. True of this entry for good, so it may be written at any time.</summary>
    public string? Alias
    {
        get => Volatile.Read(ref _alias);
        set => Volatile.Write(ref _alias, value);
    }

    public RateLimitPolicy For(string key) => ByKey is not null && ByKey.TryGetValue(key, out var own) ? own : Policy;
}
