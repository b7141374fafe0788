namespace ScaleKit.Redis;

/// <summary>
/// Gives permits back that were taken ahead and not used by the end of their bucket. One timer for all keys, set while there are leases. Thread-safe.
/// A node that is killed gives nothing back: its permits count until they leave the window.
/// </summary>
internal sealed class LeaseReturns : IDisposable
{
    // A bucket may last a year, and the system's timers count to 49 days.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly PriorityQueue<(WindowKey Key, long Bucket), long> _leases = new();
    private readonly AcquireScript _script;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _fires = long.MaxValue;

    public LeaseReturns(AcquireScript script, TimeProvider time)
    {
        (_script, _time) = (script, time);

        // The timer would keep the creator's async locals.
        using var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(static state => ((LeaseReturns)state!).ReturnEnded(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends what was taken of a key in a bucket when that time has come. To be called once for each bucket.</summary>
    public void Watch(WindowKey key, long bucket, long until)
    {
        lock (_gate)
        {
            _leases.Enqueue((key, bucket), until);
            Set_NeedsLock();
        }
    }

    public void Send(WindowKey key, long bucket, int permits)
    {
        if (permits > 0)
        {
            _ = SendAsync(key, bucket, permits);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void ReturnEnded()
    {
        var ended = new List<(WindowKey Key, long Bucket)>();
        lock (_gate)
        {
            _fires = long.MaxValue;
            var now = _time.GetTimestamp();
            while (_leases.TryPeek(out _, out var until) && until <= now)
            {
                ended.Add(_leases.Dequeue());
            }

            Set_NeedsLock();
        }

        // Outside the lock: a key calls Watch under its own.
        foreach (var (key, bucket) in ended)
        {
            Send(key, bucket, key.Leased!.End(bucket));
        }
    }

    private void Set_NeedsLock()
    {
        if (_leases.TryPeek(out _, out var until) && until < _fires)
        {
            _fires = until;
            var wait = TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(_time.GetElapsedTime(_time.GetTimestamp(), until).TotalMilliseconds)));
            _timer.Change(wait < LongestSleep ? wait : LongestSleep, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task SendAsync(WindowKey key, long bucket, int permits)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var request = new AcquireRequest();
        request.Key(key.Shape);

        // Only from that bucket, however late the call comes in: what counts elsewhere was used.
        request.Run(AcquireKind.Return, permits, unchecked((int)bucket));
        _ = await _script.RunAloneAsync(key.Alone, [request.ToBytes()], CancellationToken.None).ConfigureAwait(false);
    }
}
