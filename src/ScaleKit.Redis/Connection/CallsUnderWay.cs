namespace ScaleKit.Redis;

/// <summary>
/// The calls that have no answer yet, oldest first, and the one timer that ends those whose time is over. All have the same time, so the
/// oldest is the next to end. The timer beats only while there are calls. Thread-safe.
/// </summary>
internal sealed class CallsUnderWay : IDisposable
{
    /// <summary>Beats within one timeout: a call ends by this share too early at most.</summary>
    public const int Beats = 20;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private readonly TimeSpan _beat;
    private readonly ITimer _timer;
    private CallUnderWay? _oldest;
    private CallUnderWay? _youngest;
    private bool _beating;
    private bool _closing;

    public CallsUnderWay(TimeSpan timeout, TimeProvider time)
    {
        _time = time;

        // The system's timers count in milliseconds.
        _beat = TimeSpan.FromMilliseconds(Math.Max(1, Math.Floor(timeout.TotalMilliseconds / Beats)));

        // What is not ended by the last beat before its time would be ended by the first one after it.
        _limit = timeout - _beat;
        _timer = time.CreateTimer(static state => ((CallsUnderWay)state!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many there are. Walks through all of them: for tests.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                var count = 0;
                for (var call = _oldest; call is not null; call = call.Younger)
                {
                    count++;
                }

                return count;
            }
        }
    }

    public void Add(CallUnderWay call)
    {
        lock (_gate)
        {
            // Read under the lock, or the list would not be in order of time.
            call.Started = _time.GetTimestamp();
            call.Older = _youngest;
            _ = _youngest is null ? _oldest = call : _youngest.Younger = call;
            _youngest = call;
            if (!_beating)
            {
                _beating = true;
                _timer.Change(_beat, _beat);
            }
        }
    }

    public void Remove(CallUnderWay call)
    {
        lock (_gate)
        {
            _ = call.Older is null ? _oldest = call.Younger : call.Older.Younger = call.Younger;
            _ = call.Younger is null ? _youngest = call.Older : call.Younger.Older = call.Older;
            (call.Older, call.Younger) = (null, null);
        }
    }

    /// <summary>The calls under way are still ended in time; the timer goes after the last one.</summary>
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
            for (var call = _oldest; call is not null && _time.GetElapsedTime(call.Started) >= _limit; call = call.Younger)
            {
                call.TryExpire();
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
