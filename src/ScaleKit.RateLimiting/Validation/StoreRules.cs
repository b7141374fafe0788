namespace ScaleKit.RateLimiting;

/// <summary>The ranges of what a store is given.</summary>
internal static class StoreRules
{
    private const int GreatestMaximumKeys = 100_000_000;

    public static void CheckMaximumKeys(int maximumKeys, string parameter)
    {
        if (maximumKeys is < 1 or > GreatestMaximumKeys)
        {
            throw new ArgumentOutOfRangeException(
                parameter, FormattableString.Invariant($"MaximumKeys is {maximumKeys}; it must be 1 to {GreatestMaximumKeys:N0}."));
        }
    }
}
