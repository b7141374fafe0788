namespace ScaleKit.RateLimiting;

/// <summary>The ranges of a policy, each with the message that names the policy, the value and the limit.</summary>
internal static class PolicyRules
{
    private const int MaximumKeys = 10_000;

    public static void CheckName(string name, string parameter)
    {
        ArgumentNullException.ThrowIfNull(name, parameter);
        if (name.Length == 0)
        {
            throw new ArgumentException("A policy needs a name; it is empty.", parameter);
        }

        if (name.Length > RateLimitPolicy.MaximumNameLength)
        {
            throw new ArgumentOutOfRangeException(
                parameter, $"The policy name {EscapedText.Of(name)} is longer than {RateLimitPolicy.MaximumNameLength} characters.");
        }

        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsSurrogatePair(name, i))
            {
                i++;
            }
            else if (char.IsControl(name[i]) || char.IsSurrogate(name[i]))
            {
                throw new ArgumentException($"The policy name {EscapedText.Of(name)} holds a control character or half a surrogate pair.", parameter);
            }
        }
    }

    public static void CheckLimit(string name, int limit, string parameter)
    {
        if (limit is < 1 or > RateLimitPolicy.MaximumLimit)
        {
            throw new ArgumentOutOfRangeException(
                parameter, FormattableString.Invariant($"Policy {EscapedText.Of(name)}: Limit is {limit}; it must be 1 to {RateLimitPolicy.MaximumLimit:N0}."));
        }
    }

    public static void CheckWindow(string name, TimeSpan window, string parameter)
    {
        if (window < RateLimitPolicy.MinimumWindow || window > RateLimitPolicy.MaximumWindow)
        {
            throw new ArgumentOutOfRangeException(
                parameter, $"Policy {EscapedText.Of(name)}: Window is {window:c}; it must be 00:00:00.001 (1 ms) to {RateLimitPolicy.MaximumWindow:c} (366 days).");
        }
    }

    public static void CheckPermits(string name, int permits, string parameter)
    {
        if (permits is < 0 or > RateLimitPolicy.MaximumLimit)
        {
            throw new ArgumentOutOfRangeException(
                parameter, FormattableString.Invariant($"Policy {EscapedText.Of(name)}: {parameter} is {permits}; it must be 0 to {RateLimitPolicy.MaximumLimit:N0}."));
        }
    }

    public static void CheckCount(int count, string setting, string parameter)
    {
        if (count > MaximumKeys)
        {
            throw new ArgumentException(FormattableString.Invariant($"{setting} holds {count} keys; {MaximumKeys:N0} at most."), parameter);
        }
    }

    public static void CheckBuckets(string name, int buckets, string parameter)
    {
        if (buckets is < 1 or > RateLimitPolicy.MaximumBuckets)
        {
            throw new ArgumentOutOfRangeException(
                parameter, FormattableString.Invariant($"Policy {EscapedText.Of(name)}: Buckets is {buckets}; it must be 1 to {RateLimitPolicy.MaximumBuckets:N0}."));
        }
    }
}
