using System.Threading.RateLimiting;

namespace ScaleKit.RateLimiting;

/// <summary>
/// One (policy, key) of a <see cref="PolicyRateLimiter"/> as a framework limiter. It counts nothing itself: the framework may dispose it when idle, even while
/// a call holds it, and make another, and no count is lost.
/// </summary>
internal sealed class PolicyKeyLimiter(PolicyRateLimiter limiter, string policy, string key, TimeProvider timeProvider) : RateLimiter
{
    private long _acquired;
    private long _refused;
    private long _lastUse = timeProvider.GetTimestamp();

    public override TimeSpan? IdleDuration => timeProvider.GetElapsedTime(Volatile.Read(ref _lastUse));

    public override RateLimiterStatistics? GetStatistics() => new()
    {
        CurrentAvailablePermits = limiter.AttemptAcquire(policy, key, 0).Remaining,
        CurrentQueuedCount = limiter.PermitsInLine(policy, key),
        TotalSuccessfulLeases = Interlocked.Read(ref _acquired),
        TotalFailedLeases = Interlocked.Read(ref _refused),
    };

    protected override RateLimitLease AttemptAcquireCore(int permitCount) => Lease(limiter.AttemptAcquire(policy, key, permitCount), permitCount);

    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        Lease(await limiter.AcquireAsync(policy, key, permitCount, cancellationToken).ConfigureAwait(false), permitCount);

    private DecisionLease Lease(in RateLimitDecision decision, int permits)
    {
        Volatile.Write(ref _lastUse, timeProvider.GetTimestamp());
        if (permits > 0 && decision.Outcome is RateLimitOutcome.Acquired or RateLimitOutcome.Refused or RateLimitOutcome.WouldRefuse or RateLimitOutcome.Denied)
        {
            Interlocked.Increment(ref decision.IsAcquired ? ref _acquired : ref _refused);
        }

        return new DecisionLease(decision);
    }
}
