using System.Diagnostics.Metrics;

namespace ScaleKit.RateLimiting;

/// <summary>The counter <see cref="RateLimitingDiagnostics.Requests"/>. Costs one read while nobody listens. Thread-safe.</summary>
internal sealed class RequestCounter(Meter meter)
{
    private readonly Counter<long> _requests = meter.CreateCounter<long>(RateLimitingDiagnostics.Requests, "{request}", "Calls answered by the rate limiter.");

    public bool IsHeard => _requests.Enabled;

    public void Add(ReadOnlySpan<RateLimitCharge> charges, RateLimitOutcome outcome)
    {
        if (IsHeard)
        {
            foreach (ref readonly var charge in charges)
            {
                Add(charge.Policy.Name, outcome, charge.Permits);
            }
        }
    }

    /// <summary>Peeks are not counted.</summary>
    public void Add(string policy, RateLimitOutcome outcome, int permits)
    {
        if (permits > 0)
        {
            _requests.Add(1, new(RateLimitingDiagnostics.PolicyTag, policy), new(RateLimitingDiagnostics.ResultTag, NameOf(outcome)));
        }
    }

    public static string NameOf(RateLimitOutcome outcome) => outcome switch
    {
        RateLimitOutcome.Acquired => "acquired",
        RateLimitOutcome.Refused => "refused",
        RateLimitOutcome.Bypassed => "bypass",
        RateLimitOutcome.WouldRefuse => "would_refuse",
        RateLimitOutcome.Denied => "denied",
        _ => "undecided",
    };
}
