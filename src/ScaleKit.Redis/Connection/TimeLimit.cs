namespace ScaleKit.Redis;

/// <summary>
/// All that began and has not ended, oldest first, and the one timer that tells those whose time is over. All have the same time, so the
/// oldest is the next to be told. The timer beats only while there are some. Thread-safe.
/// </summary>
internal sealed class TimeLimit : IDisposable
{
    /// <summary>Beats within one timeout: the time is over by this share too early at most.</summary>
    public const int Beats = 20;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private readonly TimeSpan _beat;
    private readonly ITimer _timer;
    private Timed? _oldest;
    private Timed? _youngest;
    private bool _beating;
    private bool _closing;

    public TimeLimit(TimeSpan timeout, TimeProvider time)
    {
        _time = time;

        // The timer would keep the async locals of whoever comes first.
        using var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();

        // The system's timers count in milliseconds.
        _beat = TimeSpan.FromMilliseconds(Math.Max(1, Math.Floor(timeout.TotalMilliseconds / Beats)));

        // What is not ended by the last beat before its time would be ended by the first one after it.
        _limit = timeout - _beat;
        _timer = time.CreateTimer(static state => ((TimeLimit)state!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many there are. Walks through all of them: for tests.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                var count = 0;
                for (var timed = _oldest; timed is not null; timed = timed.Younger)
                {
                    count++;
                }

                return count;
            }
        }
    }

    public void Add(Timed timed)
    {
        lock (_gate)
        {
            // Read under the lock, or the list would not be in order of time.
            timed.Started = _time.GetTimestamp();
            timed.Older = _youngest;
            _ = _youngest is null ? _oldest = timed : _youngest.Younger = timed;
            _youngest = timed;
            if (!_beating)
            {
                _beating = true;
                _timer.Change(_beat, _beat);
            }
        }
    }

    public void Remove(Timed timed)
    {
        lock (_gate)
        {
            _ = timed.Older is null ? _oldest = timed.Younger : timed.Older.Younger = timed.Younger;
            _ = timed.Younger is null ? _youngest = timed.Older : timed.Younger.Older = timed.Older;
            (timed.Older, timed.Younger) = (null, null);
        }
    }

    /// <summary>Those under way are still told in time; the timer goes after the last one.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closing = true;
            if (!_beating)
            {
                _timer.Dispose();
            }
        }
    }

    private void Sweep()
    {
        lock (_gate)
        {
            for (var timed = _oldest; timed is not null && _time.GetElapsedTime(timed.Started) >= _limit; timed = timed.Younger)
            {
                timed.TimeIsOver();
            }

            if (_oldest is null)
            {
                Rest_NeedsLock();
            }
        }
    }

    private void Rest_NeedsLock()
    {
        _beating = false;
        if (_closing)
        {
            _timer.Dispose();
        }
        else
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
