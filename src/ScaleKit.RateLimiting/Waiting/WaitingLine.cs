namespace ScaleKit.RateLimiting;

/// <summary>
/// The calls that wait for the permits of one key, served in order of arrival. The first one asks, and after a refusal once more at the time that the refusal
/// named: nothing polls. Permits given back or another limit wake it earlier, by <see cref="Nudge"/>. Thread-safe.
/// <para>Invariant: while somebody waits, one pump runs or the timer is armed. A line that emptied is closed for good and leaves neither a timer nor a token behind.</para>
/// </summary>
internal sealed class WaitingLine
{
    // A timer of the system takes 49 days at most. Woken early, the first one asks and waits on.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiters = [];
    private readonly IWaitingSource _source;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private RateLimitDecision _refusal;
    private long _refusedAt;
    private long _permits;
    private bool _isPumping;
    private bool _isNudged;
    private bool _isClosed;

    /// <param name="source">What is waited for.</param>
    /// <param name="refusal">Why somebody has to wait.</param>
    /// <param name="time">The clock.</param>
    public WaitingLine(IWaitingSource source, in RateLimitDecision refusal, TimeProvider time)
    {
        _source = source;
        _time = time;
        (_refusal, _refusedAt) = (refusal, time.GetTimestamp());

        // The timer would keep the async locals of the call that came first.
        using var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(static line => ((WaitingLine)line!).Nudge(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Calls that wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _waiters.Count;
            }
        }
    }

    /// <summary>Permits that the calls in line ask for.</summary>
    public long Permits
    {
        get
        {
            lock (_gate)
            {
                return _permits;
            }
        }
    }

    /// <summary>What a call is told that does not get into line: when the first in line is served, at the earliest.</summary>
    public RateLimitDecision Refusal
    {
        get
        {
            lock (_gate)
            {
                return Refusal_NeedsLock();
            }
        }
    }

    /// <summary>Joins the line, or is refused where it is full.</summary>
    /// <returns>False when the line is closed: there is another one, or none.</returns>
    public bool TryJoin(int permits, int queueLimit, CancellationToken cancellationToken, out Task<RateLimitDecision> answer)
    {
        Waiter waiter;
        bool isFirst;
        lock (_gate)
        {
            if (_isClosed)
            {
                answer = Task.FromResult(_refusal);
                return false;
            }

            if (_permits + permits > queueLimit)
            {
                answer = Task.FromResult(Refusal_NeedsLock());
                return true;
            }

            waiter = new Waiter(permits);
            answer = waiter.Answer;
            isFirst = _waiters.Count == 0;
            _waiters.AddLast(waiter);
            _permits += permits;
        }

        if (cancellationToken.CanBeCanceled)
        {
            // Outside the lock, which the token's callback takes. A waiter that was answered meanwhile has no more use for it.
            waiter.Registration = cancellationToken.UnsafeRegister((_, token) => Cancel(waiter, token), state: null);
            if (waiter.Answer.IsCompleted)
            {
                waiter.Registration.Dispose();
            }
        }

        // The first asks again from within the line: what was given back between its refusal and its joining woke nobody.
        if (isFirst)
        {
            Nudge();
        }

        return true;
    }

    /// <summary>Something changed: the first in line asks now.</summary>
    public void Nudge()
    {
        lock (_gate)
        {
            _isNudged = true;
            if (_isClosed || _isPumping)
            {
                return;
            }

            _isPumping = true;
        }

        _ = PumpAsync();
    }

    /// <summary>Ends all waiting.</summary>
    public void Fail(Func<Exception> exception)
    {
        while (First(out var waiter))
        {
            if (Remove(waiter))
            {
                waiter.Fail(exception());
            }
        }
    }

    private bool First(out Waiter waiter)
    {
        lock (_gate)
        {
            waiter = _waiters.First?.Value!;
            return waiter is not null;
        }
    }

    private async Task PumpAsync()
    {
        while (Begin_Pump() is { } first)
        {
            RateLimitDecision decision;
            try
            {
                decision = await _source.DecideAsync(first.Permits).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Whatever it is, it belongs to the call that waits, and the others wait on.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (Remove(first))
                {
                    first.Fail(exception);
                }

                continue;
            }

            if (decision.Outcome == RateLimitOutcome.Refused)
            {
                if (Sleep(first, decision))
                {
                    return;
                }
            }
            else if (Remove(first))
            {
                first.Complete(decision);
            }
            else if (decision.Outcome == RateLimitOutcome.Acquired)
            {
                // Cancelled while its permits were being taken.
                await ReturnAsync(first.Permits).ConfigureAwait(false);
            }
        }
    }

    private Waiter? Begin_Pump()
    {
        lock (_gate)
        {
            _isNudged = false;
            _isPumping = _waiters.Count > 0;
            CloseIfEmpty_NeedsLock();
            return _waiters.First?.Value;
        }
    }

    /// <returns>False when the pump must go on: there is another first one, or a nudge came while this one asked.</returns>
    private bool Sleep(Waiter first, in RateLimitDecision refusal)
    {
        lock (_gate)
        {
            (_refusal, _refusedAt) = (refusal, _time.GetTimestamp());
            if (_isNudged || !ReferenceEquals(_waiters.First?.Value, first))
            {
                return false;
            }

            // Rounded up to what a timer can do; down, it would ask too early and again at once.
            var wait = TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(refusal.RetryAfter.TotalMilliseconds)));
            _timer.Change(wait < LongestSleep ? wait : LongestSleep, Timeout.InfiniteTimeSpan);
            _isPumping = false;
            return true;
        }
    }

    private async ValueTask ReturnAsync(int permits)
    {
        try
        {
            await _source.ReturnAsync(permits).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The permits then count until they leave the window; those in line must not suffer.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private void Cancel(Waiter waiter, CancellationToken cancellationToken)
    {
        if (Remove(waiter))
        {
            waiter.Cancel(cancellationToken);
        }
    }

    /// <returns>False when it no longer waits: who removes it answers it.</returns>
    private bool Remove(Waiter waiter)
    {
        bool isNext;
        lock (_gate)
        {
            isNext = ReferenceEquals(_waiters.First?.Value, waiter);
            if (!_waiters.Remove(waiter))
            {
                return false;
            }

            _permits -= waiter.Permits;
            if (!_isPumping)
            {
                CloseIfEmpty_NeedsLock();
            }
        }

        // Not disposed here: that would wait for the callback that this may be.
        waiter.Registration.Unregister();
        if (isNext)
        {
            // The next one may ask for less.
            Nudge();
        }

        return true;
    }

    private void CloseIfEmpty_NeedsLock()
    {
        if (_waiters.Count == 0 && !_isClosed)
        {
            _isClosed = true;
            _timer.Dispose();
            _source.Closed(this);
        }
    }

    private RateLimitDecision Refusal_NeedsLock() => _refusal.After(_time.GetElapsedTime(_refusedAt));
}
