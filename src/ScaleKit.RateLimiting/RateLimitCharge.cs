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
}
