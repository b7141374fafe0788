using System.Collections.Frozen;

namespace ScaleKit.RateLimiting;

/// <summary>The policies in force at one time. Immutable; a reload makes a new one, which keeps the policies that did not change.</summary>
internal sealed class PolicySet
{
    private const int MaximumPolicies = 1024;

    private readonly FrozenDictionary<string, RateLimitPolicy> _byName;
    private int _unknownSeen;

    private PolicySet(FrozenDictionary<string, RateLimitPolicy> byName)
    {
        _byName = byName;
        Default = byName[RateLimitPolicy.DefaultName];
    }

    public RateLimitPolicy Default { get; }

    public int Count => _byName.Count;

    /// <exception cref="ArgumentException">A policy is out of range, the default is missing or the configuration could not be read.</exception>
    public static PolicySet Create(RateLimitOptions options, PolicySet? former)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.ConfigurationErrors.Count > 0)
        {
            throw new ArgumentException($"The configuration section {RateLimitOptions.SectionName} is invalid. {string.Join(' ', options.ConfigurationErrors)}", nameof(options));
        }

        if (options.Policies.Count > MaximumPolicies)
        {
            throw new ArgumentException(FormattableString.Invariant($"There are {options.Policies.Count} policies; {MaximumPolicies:N0} at most."), nameof(options));
        }

        var policies = new Dictionary<string, RateLimitPolicy>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, entry) in options.Policies)
        {
            var policy = CreatePolicy(name, entry, former);
            if (!policies.TryAdd(policy.Name, policy))
            {
                throw new ArgumentException($"The policy {EscapedText.Of(name)} is there twice; names differ in more than case.", nameof(options));
            }
        }

        if (!policies.ContainsKey(RateLimitPolicy.DefaultName))
        {
            throw new ArgumentException($"There is no policy '{RateLimitPolicy.DefaultName}'; it answers for every unknown name.", nameof(options));
        }

        return new PolicySet(policies.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>The policy of that name, or the default one.</summary>
    /// <param name="name">Any text.</param>
    /// <param name="isFirstUnknown">True once in the life of this set, for the log: names may come from a user and are many.</param>
    public RateLimitPolicy Find(string name, out bool isFirstUnknown)
    {
        isFirstUnknown = false;
        if (_byName.TryGetValue(name, out var policy))
        {
            return policy;
        }

        isFirstUnknown = Volatile.Read(ref _unknownSeen) == 0 && Interlocked.Exchange(ref _unknownSeen, 1) == 0;
        return Default;
    }

    private static RateLimitPolicy CreatePolicy(string name, RateLimitPolicyOptions? entry, PolicySet? former)
    {
        if (entry is null)
        {
            throw new ArgumentException($"The policy {EscapedText.Of(name)} is null.", nameof(entry));
        }

        // The counts of a store hang on the name as it was first written; a reload that changes only its case must find them.
        RateLimitPolicy? known = null;
        former?._byName.TryGetValue(name, out known);
        var policy = new RateLimitPolicy(known?.Name ?? name, entry.Limit, entry.Window, entry.Buckets);
        return known is not null && known.Limit == policy.Limit && known.HasShapeOf(policy) ? known : policy;
    }
}
