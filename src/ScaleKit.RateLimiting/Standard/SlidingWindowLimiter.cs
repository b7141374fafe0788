using System.Threading.RateLimiting;

namespace ScaleKit.RateLimiting;

/// <summary>
/// One limit for one thing, as the framework's <see cref="RateLimiter"/>: never more than <see cref="RateLimitPolicy.Limit"/> permits in any window, no timer.
/// Thread-safe. Where permits are missing <see cref="RateLimiter.AcquireAsync"/> waits in line, up to <see cref="RateLimitPolicy.QueueLimit"/>, first come first served,
/// and else completes at once with a refusal. Leases carry <see cref="MetadataName.RetryAfter"/> and <see cref="RateLimitMetadata"/>; disposing one gives nothing back.
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
    private readonly TimeProvider _time;
    private volatile WaitingLine? _line;
    private volatile bool _isEnabled = true;
    private volatile bool _isDisposed;

    /// <summary>Creates a limiter for a policy; its name appears in the metadata.</summary>
    /// <param name="policy">The limit.</param>
    /// <param name="timeProvider">The clock; only its monotonic timestamp and, where calls wait, its timer are used. The system's when null.</param>
    /// <exception cref="ArgumentNullException"><paramref name="policy"/> is null.</exception>
    public SlidingWindowLimiter(RateLimitPolicy policy, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _policy = policy;
        _time = timeProvider ?? TimeProvider.System;
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

    /// <summary>The kill switch: when false every call is acquired, also those in line, and nothing is counted.</summary>
    public bool IsEnabled
    {
        get => _isEnabled;
        set
        {
            _isEnabled = value;
            _line?.Nudge();
        }
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

    /// <summary>Permits free now and those waited for, and how many calls were acquired and refused since the limiter was made. Peeks and bypassed calls are not counted.</summary>
    public override RateLimiterStatistics? GetStatistics()
    {
        lock (_gate)
        {
            _window.Expire(_clock.Now, _policy.Window.Ticks);
            return new RateLimiterStatistics
            {
                CurrentAvailablePermits = _policy.Limit - _window.Used,
                CurrentQueuedCount = _line?.Permits ?? 0,
                TotalSuccessfulLeases = Interlocked.Read(ref _acquired),
                TotalFailedLeases = Interlocked.Read(ref _refused),
            };
        }
    }

    /// <inheritdoc/>
    protected override RateLimitLease AttemptAcquireCore(int permitCount) =>
        Lease(Waits(permitCount) && _line is { } line ? line.Refusal : Decide(permitCount), permitCount);

    /// <inheritdoc/>
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<RateLimitLease>(cancellationToken);
        }

        return Waits(permitCount) ? WaitAsync(permitCount, cancellationToken) : new(Lease(Decide(permitCount), permitCount));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        _line?.Fail(static () => new ObjectDisposedException(nameof(SlidingWindowLimiter)));
        base.Dispose(disposing);
    }

    private async ValueTask<RateLimitLease> WaitAsync(int permits, CancellationToken cancellationToken)
    {
        while (true)
        {
            var line = _line;
            if (line is null)
            {
                var decision = Decide(permits);
                if (decision.Outcome != RateLimitOutcome.Refused || permits > _policy.QueueLimit)
                {
                    return Lease(decision, permits);
                }

                var made = new WaitingLine(new Source(this), decision, _time);
                line = Interlocked.CompareExchange(ref _line, made, null) ?? made;
            }

            // A closed line has left the field: the next look finds another or none.
            if (line.TryJoin(permits, _policy.QueueLimit, cancellationToken, out var answer))
            {
                return Lease(await answer.ConfigureAwait(false), permits);
            }
        }
    }

    private bool Waits(int permits) => _policy is { QueueLimit: > 0, IsShadow: false } && permits > 0;

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
            if (_clock.HasCoarse && _clock.Coarse is var coarse && _window.TryJoin(permits, coarse, coarse + MonotonicClock.Slack, _policy, out var joined))
            {
                return joined;
            }

            var now = _clock.Now;
            var decision = _window.Decide(permits, now, _policy);
            _idleSince = now + decision.ResetAfter.Ticks;
            return decision.Outcome == RateLimitOutcome.Refused && _policy.IsShadow ? decision.AsShadow() : decision;
        }
    }

    private DecisionLease Lease(in RateLimitDecision decision, int permits)
    {
        if (permits > 0 && decision.Outcome != RateLimitOutcome.Bypassed)
        {
            Interlocked.Increment(ref decision.IsAcquired ? ref _acquired : ref _refused);
        }

        return new DecisionLease(decision);
    }

    private sealed class Source(SlidingWindowLimiter limiter) : IWaitingSource
    {
        public ValueTask<RateLimitDecision> DecideAsync(int permits) => new(limiter.Decide(permits));

        public ValueTask ReturnAsync(int permits)
        {
            lock (limiter._gate)
            {
                limiter._window.Give(permits);
            }

            limiter._line?.Nudge();
            return ValueTask.CompletedTask;
        }

        public void Closed(WaitingLine line) => Interlocked.CompareExchange(ref limiter._line, null, line);
    }
}
