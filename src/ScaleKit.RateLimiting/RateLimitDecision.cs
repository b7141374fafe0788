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

    /// <summary>
    /// True when the caller may go on: <see cref="RateLimitOutcome.Acquired"/>, <see cref="RateLimitOutcome.Bypassed"/> or <see cref="RateLimitOutcome.WouldRefuse"/>.
    /// </summary>
    public bool IsAcquired => Outcome is RateLimitOutcome.Acquired or RateLimitOutcome.Bypassed or RateLimitOutcome.WouldRefuse;

    /// <summary>Name of the policy that decided; <c>default</c> where an unknown one was asked for. Empty in the default value.</summary>
    public string Policy => _policy?.Name ?? "";

    /// <summary>Permits in any window under that policy.</summary>
    public int Limit => _policy?.Limit ?? 0;

    /// <summary>Length of the window of that policy.</summary>
    public TimeSpan Window => _policy?.Window ?? TimeSpan.Zero;

    /// <summary>Permits free right after this decision, 0 to <see cref="Limit"/>.</summary>
    public int Remaining { get; }

    /// <summary>
    /// After a refusal, also one in shadow mode: how long until the permits asked for are free, if nobody else takes any. One tick (100 ns) earlier they are not.
    /// A denied key is told one window, for want of an end. Zero otherwise.
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

    /// <summary>The kill switch is off or the key is allowed always: let through, not counted.</summary>
    public static RateLimitDecision Bypassed(RateLimitPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return new(policy, RateLimitOutcome.Bypassed, policy.Limit, TimeSpan.Zero, TimeSpan.Zero);
    }

    /// <summary>Nothing known without asking the store. For stores that answer over a network.</summary>
    public static RateLimitDecision Undecided(RateLimitPolicy policy) =>
        new(policy, RateLimitOutcome.Undecided, 0, TimeSpan.Zero, TimeSpan.Zero);

    internal static RateLimitDecision Denied(RateLimitPolicy policy) =>
        new(policy, RateLimitOutcome.Denied, 0, policy.Window, policy.Window);

    /// <summary>The same refusal some time later; what should have come free by now does so at once.</summary>
    internal RateLimitDecision After(TimeSpan elapsed) => new(_policy!, Outcome, Remaining, Later(RetryAfter, elapsed), Later(ResetAfter, elapsed));

    private static TimeSpan Later(TimeSpan wait, TimeSpan elapsed) => wait > elapsed ? wait - elapsed : TimeSpan.FromTicks(1);

    /// <summary>What a policy in shadow mode makes of a refusal.</summary>
    internal RateLimitDecision AsShadow() => new(_policy!, RateLimitOutcome.WouldRefuse, Remaining, RetryAfter, ResetAfter);
}
