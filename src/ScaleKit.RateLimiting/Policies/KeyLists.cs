using System.Collections.Frozen;

namespace ScaleKit.RateLimiting;

/// <summary>The keys that are let through, or refused, without being counted. Immutable.</summary>
internal sealed class KeyLists
{
    private readonly FrozenDictionary<string, bool> _isAllowed;

    private KeyLists(FrozenDictionary<string, bool> isAllowed) => _isAllowed = isAllowed;

    /// <returns>Null when both lists are empty: the usual case, in which no call looks.</returns>
    /// <exception cref="ArgumentException">A list is too long, a key is no key, or it is on both.</exception>
    public static KeyLists? Create(RateLimitOptions options)
    {
        if (options.AllowedKeys.Count + options.DeniedKeys.Count == 0)
        {
            return null;
        }

        PolicyRules.CheckCount(options.AllowedKeys.Count, nameof(options.AllowedKeys), nameof(options));
        PolicyRules.CheckCount(options.DeniedKeys.Count, nameof(options.DeniedKeys), nameof(options));
        var isAllowed = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var key in options.AllowedKeys)
        {
            ChargeRules.CheckKey(key);
            isAllowed.Add(key, true);
        }

        foreach (var key in options.DeniedKeys)
        {
            ChargeRules.CheckKey(key);
            if (!isAllowed.TryAdd(key, false))
            {
                throw new ArgumentException($"The key {EscapedText.Of(key)} is in AllowedKeys and in DeniedKeys.", nameof(options));
            }
        }

        return new KeyLists(isAllowed.ToFrozenDictionary(StringComparer.Ordinal));
    }

    public bool TryDecide(string key, RateLimitPolicy policy, out RateLimitDecision decision)
    {
        if (!_isAllowed.TryGetValue(key, out var isAllowed))
        {
            decision = default;
            return false;
        }

        decision = isAllowed ? RateLimitDecision.Bypassed(policy) : RateLimitDecision.Denied(policy);
        return true;
    }
}
