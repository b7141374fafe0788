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

    public static void CheckCharge(in RateLimitCharge charge, string parameter)
    {
        if (charge.Policy is null)
        {
            throw new ArgumentException("The charge is the default value; make one with its constructor.", parameter);
        }
    }

    public static void CheckCharges(ReadOnlySpan<RateLimitCharge> charges, string parameter)
    {
        if (charges.IsEmpty)
        {
            throw new ArgumentException("There is no charge.", parameter);
        }

        if (charges.Length > InProcessRateLimitStore.MaximumCharges)
        {
            throw new ArgumentOutOfRangeException(
                parameter, FormattableString.Invariant($"There are {charges.Length} charges; one call carries {InProcessRateLimitStore.MaximumCharges} at most."));
        }

        foreach (ref readonly var charge in charges)
        {
            CheckCharge(charge, parameter);
        }
    }
}
