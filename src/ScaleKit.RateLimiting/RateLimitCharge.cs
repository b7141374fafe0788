using System.Runtime.InteropServices;

namespace ScaleKit.RateLimiting;

/// <summary>
/// What one call asks of one window: so many permits for this key under this policy. Checked when made, so that a store need not check. Immutable.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RateLimitCharge
{
    /// <summary>The longest key, in UTF-16 code units: 256. It bounds what a hostile caller can make a store remember.</summary>
    public const int MaximumKeyLength = 256;

    /// <summary>The most charges that one call may carry: 16.</summary>
    public const int MaximumTogether = 16;

    /// <summary>Creates a charge.</summary>
    /// <param name="policy">The limit that applies.</param>
    /// <param name="key">Who is limited (a user, an address, a tenant): 1 to 256 characters of any kind, compared by ordinal. It is data, never logged and never a metric tag.</param>
    /// <param name="permits">0 to the policy's limit; 0 asks whether a permit is free and takes none.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="key"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="key"/> is too long, or <paramref name="permits"/> negative or over the limit.</exception>
    public RateLimitCharge(RateLimitPolicy policy, string key, int permits = 1)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ChargeRules.CheckKey(key);
        ChargeRules.CheckPermits(permits, policy);
        Policy = policy;
        Key = key;
        Permits = permits;
    }

    /// <summary>The limit that applies.</summary>
    public RateLimitPolicy Policy { get; }

    /// <summary>Who is limited.</summary>
    public string Key { get; }

    /// <summary>Permits asked for; 0 is a peek.</summary>
    public int Permits { get; }

    /// <summary>For stores: the check of what a caller hands them. A charge that was made by the constructor passes.</summary>
    /// <param name="charge">The charge.</param>
    /// <param name="parameter">The name of the store's parameter.</param>
    /// <exception cref="ArgumentException"><paramref name="charge"/> is the default value.</exception>
    public static void Check(in RateLimitCharge charge, string parameter)
    {
        if (charge.Policy is null)
        {
            throw new ArgumentException("The charge is the default value; make one with its constructor.", parameter);
        }
    }

    /// <summary>The same for charges that are to be taken together.</summary>
    /// <param name="charges">1 to 16 charges.</param>
    /// <param name="parameter">The name of the store's parameter.</param>
    /// <exception cref="ArgumentException">There is no charge, or one is the default value.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are more than <see cref="MaximumTogether"/>.</exception>
    public static void Check(ReadOnlySpan<RateLimitCharge> charges, string parameter)
    {
        if (charges.IsEmpty)
        {
            throw new ArgumentException("There is no charge.", parameter);
        }

        if (charges.Length > MaximumTogether)
        {
            throw new ArgumentOutOfRangeException(
                parameter, FormattableString.Invariant($"There are {charges.Length} charges; one call carries {MaximumTogether} at most."));
        }

        foreach (ref readonly var charge in charges)
        {
            Check(charge, parameter);
        }
    }
}
