using System.Runtime.InteropServices;

namespace ScaleKit.RateLimiting;

/// <summary>
/// The answer to one call, with exact figures of the moment at which it was decided. Immutable. The default value is a refusal.
/// All times are durations from that moment, so that they mean the same on every node.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RateLimitDecision
{
    private readonly RateLimitPolicy? _policy;

    private RateLimitDecision(RateLimitPolicy policy, RateLimitOutcome outcome, int remaining, TimeSpan retryAfter, TimeSpan resetAfter)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _policy = policy;
        Outcome = outcome;
        Remaining = remaining;
        RetryAfter = retryAfter;
        ResetAfter = resetAfter;
    }

    /// <summary>How the call was answered.</summary>
    public RateLimitOutcome Outcome { get; }

    /// <summary>True when the caller may go on: <see cref="RateLimitOutcome.Acquired"/> or <see cref="RateLimitOutcome.Bypassed"/>.</summary>
    public bool IsAcquired => Outcome is RateLimitOutcome.Acquired or RateLimitOutcome.Bypassed;

    /// <summary>Name of the policy that decided; <c>default</c> where an unknown one was asked for. Empty in the default value.</summary>
    public string Policy => _policy?.Name ?? "";

    /// <summary>Permits in any window under that policy.</summary>
    public int Limit => _policy?.Limit ?? 0;

    /// <summary>Length of the window of that policy.</summary>
    public TimeSpan Window => _policy?.Window ?? TimeSpan.Zero;

    /// <summary>Permits free right after this decision, 0 to <see cref="Limit"/>.</summary>
    public int Remaining { get; }

    /// <summary>
    /// After a refusal: how long until the permits asked for are free, if nobody else takes any. One tick (100 ns) earlier they are not. Zero otherwise.
    /// </summary>
    public TimeSpan RetryAfter { get; }

    /// <summary>How long until all permits are free, if nobody takes any. Zero when all are.</summary>
    public TimeSpan ResetAfter { get; }

    /// <summary>The permits were taken. For stores.</summary>
    public static RateLimitDecision Acquired(RateLimitPolicy policy, int remaining, TimeSpan resetAfter) =>
        new(policy, RateLimitOutcome.Acquired, remaining, TimeSpan.Zero, resetAfter);

    /// <summary>The permits are not free. For stores.</summary>
    public static RateLimitDecision Refused(RateLimitPolicy policy, int remaining, TimeSpan retryAfter, TimeSpan resetAfter) =>
        new(policy, RateLimitOutcome.Refused, remaining, retryAfter, resetAfter);

    /// <summary>The kill switch is off: let through, not counted.</summary>
    public static RateLimitDecision Bypassed(RateLimitPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return new(policy, RateLimitOutcome.Bypassed, policy.Limit, TimeSpan.Zero, TimeSpan.Zero);
    }

    /// <summary>Nothing known without asking the store. For stores that answer over a network.</summary>
    public static RateLimitDecision Undecided(RateLimitPolicy policy) =>
        new(policy, RateLimitOutcome.Undecided, 0, TimeSpan.Zero, TimeSpan.Zero);
}
