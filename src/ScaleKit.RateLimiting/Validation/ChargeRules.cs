using System.Diagnostics.CodeAnalysis;

namespace ScaleKit.RateLimiting;

/// <summary>The ranges of a charge. The throwing halves are methods of their own, so that the hot path inlines the tests alone.</summary>
internal static class ChargeRules
{
    public static void CheckKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length is 0 or > RateLimitCharge.MaximumKeyLength)
        {
            ThrowKey(key);
        }
    }

    public static void CheckPermits(int permits)
    {
        if (permits < 0)
        {
            ThrowNegative(permits);
        }
    }

    public static void CheckPermits(int permits, RateLimitPolicy policy)
    {
        CheckPermits(permits);
        if (permits > policy.Limit)
        {
            ThrowOverLimit(permits, policy);
        }
    }

    [DoesNotReturn]
    private static void ThrowKey(string key) => throw (key.Length == 0
        ? new ArgumentException("A rate limit needs a key (a user, an address); it is empty.", nameof(key))
        : new ArgumentOutOfRangeException(
            nameof(key), $"The key {EscapedText.Of(key)} is longer than {RateLimitCharge.MaximumKeyLength} characters. Hash it first if it must be that long."));

    [DoesNotReturn]
    private static void ThrowNegative(int permits) =>
        throw new ArgumentOutOfRangeException(nameof(permits), FormattableString.Invariant($"{permits} permits were asked for; it must be 0 or more."));

    [DoesNotReturn]
    private static void ThrowOverLimit(int permits, RateLimitPolicy policy) => throw new ArgumentOutOfRangeException(
        nameof(permits),
        FormattableString.Invariant($"{permits} permits were asked for at once, but policy {EscapedText.Of(policy.Name)} has a limit of {policy.Limit}: they could never be free."));
}
