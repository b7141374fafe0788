using System.Threading.RateLimiting;

namespace ScaleKit.RateLimiting;

/// <summary>
/// One limit for one thing, as the framework's <see cref="RateLimiter"/>: never more than <see cref="RateLimitPolicy.Limit"/> permits in any window, no timer.
/// Thread-safe. Nobody waits: <see cref="RateLimiter.AcquireAsync"/> completes at once, with a refusal where permits are missing. Leases carry
/// <see cref="MetadataName.RetryAfter"/> and <see cref="RateLimitMetadata"/>; disposing one gives nothing back.
/// </summary>
public sealed class SlidingWindowLimiter : RateLimiter
{
    private readonly RateLimitPolicy _policy;
    private readonly MonotonicClock _clock;
    private readonly Lock _gate = new();
    private SlidingWindow _window;
    private long _idleSince;
    private long _acquired;
    private long _refused;
    private volatile bool _isEnabled = true;
    private volatile bool _isDisposed;

    /// <summary>Creates a limiter for a policy; its name appears in the metadata.</summary>
    /// <param name="policy">The limit.</param>
    /// <param name="timeProvider">The clock; only its monotonic timestamp is used. The system's when null.</param>
    /// <exception cref="ArgumentNullException"><paramref name="policy"/> is null.</exception>
    public SlidingWindowLimiter(RateLimitPolicy policy, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _policy = policy;
        _clock = new MonotonicClock(timeProvider);
        _idleSince = _clock.Now;
    }

    /// <summary>Creates a limiter of 16 buckets, named <c>default</c>.</summary>
    /// <param name="limit">Permits a window, 1 to 1,000,000,000.</param>
    /// <param name="window">Length of the window, 1 millisecond to 366 days.</param>
    /// <param name="timeProvider">The clock. The system's when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public SlidingWindowLimiter(int limit, TimeSpan window, TimeProvider? timeProvider = null)
        : this(new RateLimitPolicy(RateLimitPolicy.DefaultName, limit, window), timeProvider)
    {
    }

    /// <summary>The kill switch: when false every call is acquired and nothing is counted.</summary>
    public bool IsEnabled
    {
        get => _isEnabled;
        set => _isEnabled = value;
    }

    /// <summary>
    /// How long no permit has counted; null while one does, so that whoever removes idle limiters does not forget a count.
    /// </summary>
    public override TimeSpan? IdleDuration
    {
        get
        {
            lock (_gate)
            {
                var now = _clock.Now;
                _window.Expire(now, _policy.Window.Ticks);
                return _window.Used > 0 ? null : TimeSpan.FromTicks(now - _idleSince);
            }
        }
    }

    /// <summary>Permits free now, and how many calls were acquired and refused since the limiter was made. Peeks and bypassed calls are not counted.</summary>
    public override RateLimiterStatistics? GetStatistics()
    {
        lock (_gate)
        {
            _window.Expire(_clock.Now, _policy.Window.Ticks);
            return new RateLimiterStatistics
            {
                CurrentAvailablePermits = _policy.Limit - _window.Used,
                TotalSuccessfulLeases = _acquired,
                TotalFailedLeases = _refused,
            };
        }
    }

    /// <inheritdoc/>
    protected override RateLimitLease AttemptAcquireCore(int permitCount) => new DecisionLease(Decide(permitCount));

    /// <inheritdoc/>
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<RateLimitLease>(cancellationToken) : new(new DecisionLease(Decide(permitCount)));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        base.Dispose(disposing);
    }

    private RateLimitDecision Decide(int permits)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ChargeRules.CheckPermits(permits, _policy);
        if (!_isEnabled)
        {
            return RateLimitDecision.Bypassed(_policy);
        }

        lock (_gate)
        {
            var now = _clock.Now;
            var decision = _window.Decide(permits, now, _policy);
            _idleSince = now + decision.ResetAfter.Ticks;
            if (permits > 0)
            {
                _acquired += decision.IsAcquired ? 1 : 0;
                _refused += decision.IsAcquired ? 0 : 1;
            }

            return decision;
        }
    }
}
