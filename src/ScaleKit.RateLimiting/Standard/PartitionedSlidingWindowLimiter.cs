using System.Threading.RateLimiting;

namespace ScaleKit.RateLimiting;

/// <summary>
/// A <see cref="PolicyRateLimiter"/> as the framework's <see cref="PartitionedRateLimiter{TResource}"/>, for example as <c>RateLimiterOptions.GlobalLimiter</c>.
/// Unlike the framework's own it has no timer and no lock over all partitions. Thread-safe. Without permits
/// <see cref="PartitionedRateLimiter{TResource}.AcquireAsync"/> waits in line, up to the policy's <see cref="RateLimitPolicy.QueueLimit"/>, and else completes with a refusal.
/// </summary>
/// <typeparam name="TResource">What the key is read from, for example an HTTP context.</typeparam>
public sealed class PartitionedSlidingWindowLimiter<TResource> : PartitionedRateLimiter<TResource>
{
    private readonly PolicyRateLimiter _limiter;
    private readonly string _policy;
    private readonly Func<TResource, string> _keySelector;
    private readonly bool _ownsLimiter;
    private long _acquired;
    private long _refused;
    private volatile bool _isDisposed;

    /// <summary>Creates a face of a limiter that others use too.</summary>
    /// <param name="limiter">Decides and counts; it is not disposed.</param>
    /// <param name="policy">Name of one of its policies.</param>
    /// <param name="keySelector">The key of a resource: 1 to 256 characters.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public PartitionedSlidingWindowLimiter(PolicyRateLimiter limiter, string policy, Func<TResource, string> keySelector)
    {
        ArgumentNullException.ThrowIfNull(limiter);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(keySelector);
        _limiter = limiter;
        _policy = policy;
        _keySelector = keySelector;
    }

    /// <summary>Creates a limiter of its own for one policy.</summary>
    /// <param name="policy">The limit of every key.</param>
    /// <param name="keySelector">The key of a resource: 1 to 256 characters.</param>
    /// <param name="timeProvider">The clock. The system's when null.</param>
    /// <exception cref="ArgumentNullException"><paramref name="policy"/> or <paramref name="keySelector"/> is null.</exception>
    public PartitionedSlidingWindowLimiter(RateLimitPolicy policy, Func<TResource, string> keySelector, TimeProvider? timeProvider = null)
        : this(CreateLimiter(policy, timeProvider), policy.Name, keySelector) => _ownsLimiter = true;

    /// <summary>The kill switch, shared with the <see cref="PolicyRateLimiter"/> behind: when false every call is acquired and nothing is counted.</summary>
    public bool IsEnabled
    {
        get => _limiter.IsEnabled;
        set => _limiter.IsEnabled = value;
    }

    /// <summary>Permits free now for the resource's key. The totals are of all resources together: a count for each would cost memory for each.</summary>
    public override RateLimiterStatistics? GetStatistics(TResource resource) => new()
    {
        CurrentAvailablePermits = _limiter.AttemptAcquire(_policy, _keySelector(resource), 0).Remaining,
        CurrentQueuedCount = _limiter.PermitsInLine(_policy, _keySelector(resource)),
        TotalSuccessfulLeases = Interlocked.Read(ref _acquired),
        TotalFailedLeases = Interlocked.Read(ref _refused),
    };

    /// <inheritdoc/>
    protected override RateLimitLease AttemptAcquireCore(TResource resource, int permitCount)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return Lease(_limiter.AttemptAcquire(_policy, _keySelector(resource), permitCount), permitCount);
    }

    /// <inheritdoc/>
    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(TResource resource, int permitCount, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return Lease(await _limiter.AcquireAsync(_policy, _keySelector(resource), permitCount, cancellationToken).ConfigureAwait(false), permitCount);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        if (disposing && _ownsLimiter)
        {
            _limiter.Dispose();
        }

        base.Dispose(disposing);
    }

    private DecisionLease Lease(in RateLimitDecision decision, int permits)
    {
        if (permits > 0 && decision.Outcome is RateLimitOutcome.Acquired or RateLimitOutcome.Refused or RateLimitOutcome.WouldRefuse or RateLimitOutcome.Denied)
        {
            Interlocked.Increment(ref decision.IsAcquired ? ref _acquired : ref _refused);
        }

        return new DecisionLease(decision);
    }

    private static PolicyRateLimiter CreateLimiter(RateLimitPolicy policy, TimeProvider? timeProvider)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var entry = new RateLimitPolicyOptions { Limit = policy.Limit, Window = policy.Window, Buckets = policy.Buckets, QueueLimit = policy.QueueLimit, Shadow = policy.IsShadow };
        return new PolicyRateLimiter(new RateLimitOptions { Policies = { [RateLimitPolicy.DefaultName] = entry, [policy.Name] = entry } }, timeProvider: timeProvider);
    }
}
