using System.Collections.Frozen;

namespace ScaleKit.RateLimiting;

/// <summary>The policies in force at one time. Immutable; a reload makes a new one, which keeps the policies that did not change.</summary>
internal sealed class PolicySet
{
    private const int MaximumPolicies = 1024;

    private const int RecentLength = 16;

    private readonly FrozenDictionary<string, PolicyEntry> _byName;
    private readonly PolicyEntry _default;
    private readonly PolicyEntry?[] _recent = new PolicyEntry?[RecentLength];
    private int _unknownSeen;

    private PolicySet(FrozenDictionary<string, PolicyEntry> byName, KeyLists? lists)
    {
        _byName = byName;
        _default = byName[RateLimitPolicy.DefaultName];
        Lists = lists;
    }

    /// <summary>Null when no key is listed.</summary>
    public KeyLists? Lists { get; }

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

        var policies = new Dictionary<string, PolicyEntry>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, entry) in options.Policies)
        {
            var policy = CreateEntry(name, entry, former);
            if (!policies.TryAdd(policy.Policy.Name, policy))
            {
                throw new ArgumentException($"The policy {EscapedText.Of(name)} is there twice; names differ in more than case.", nameof(options));
            }
        }

        if (!policies.ContainsKey(RateLimitPolicy.DefaultName))
        {
            throw new ArgumentException($"There is no policy '{RateLimitPolicy.DefaultName}'; it answers for every unknown name.", nameof(options));
        }

        return new PolicySet(policies.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase), KeyLists.Create(options));
    }

    /// <summary>The policy of that name, or the default one.</summary>
    /// <param name="name">Any text. Most callers pass the same literal again and again, which is known by its reference.</param>
    /// <param name="isFirstUnknown">True once in the life of this set, for the log: names may come from a user and are many.</param>
    public PolicyEntry Find(string name, out bool isFirstUnknown)
    {
        isFirstUnknown = false;
        ref var recent = ref _recent[PlaceOf(name)];
        return Volatile.Read(ref recent) is { } entry && ReferenceEquals(entry.Alias, name) ? entry : Search(name, ref recent, ref isFirstUnknown);
    }

    private PolicyEntry Search(string name, ref PolicyEntry? recent, ref bool isFirstUnknown)
    {
        if (!_byName.TryGetValue(name, out var entry))
        {
            isFirstUnknown = Volatile.Read(ref _unknownSeen) == 0 && Interlocked.Exchange(ref _unknownSeen, 1) == 0;
            return _default;
        }

        entry.Alias = name;
        Volatile.Write(ref recent, entry);
        return entry;
    }

    private static int PlaceOf(string name) => name.Length == 0 ? 0 : (name.Length + (name[^1] * 5) + name[name.Length / 2]) % RecentLength;

    private static PolicyEntry CreateEntry(string name, RateLimitPolicyOptions? options, PolicySet? former)
    {
        if (options is null)
        {
            throw new ArgumentException($"The policy {EscapedText.Of(name)} is null.", nameof(options));
        }

        // The counts of a store hang on the name as it was first written; a reload that changes only its case must find them.
        PolicyEntry? known = null;
        former?._byName.TryGetValue(name, out known);
        name = known?.Policy.Name ?? name;
        var policy = CreatePolicy(name, options.Limit, options, known?.Policy);
        if (options.KeyLimits.Count == 0)
        {
            return new PolicyEntry(policy, byKey: null);
        }

        PolicyRules.CheckCount(options.KeyLimits.Count, $"Policy {EscapedText.Of(name)}: {nameof(options.KeyLimits)}", nameof(options));
        var byKey = new Dictionary<string, RateLimitPolicy>(StringComparer.Ordinal);
        foreach (var (key, limit) in options.KeyLimits)
        {
            ChargeRules.CheckKey(key);
            RateLimitPolicy? own = null;
            known?.ByKey?.TryGetValue(key, out own);
            byKey.Add(key, CreatePolicy(name, limit, options, own));
        }

        return new PolicyEntry(policy, byKey.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>The former object where nothing changed: stores know a policy by its reference.</summary>
    private static RateLimitPolicy CreatePolicy(string name, int limit, RateLimitPolicyOptions options, RateLimitPolicy? former)
    {
        var policy = new RateLimitPolicy(name, limit, options.Window, options.Buckets) 
        {
            QueueLimit = options.QueueLimit,
            LeaseLimit = options.LeaseLimit,
            IsShadow = options.Shadow,
        };
        return former?.IsSameAs(policy) == true ? former : policy;
    }
}
