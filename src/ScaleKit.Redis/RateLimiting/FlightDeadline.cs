using System.Diagnostics.CodeAnalysis;

namespace ScaleKit.Redis;

/// <summary>
/// The time limit of one flight after another. Its timer is not set anew for each of them: it fires at the earliest limit that it knew of and looks what is
/// under way then. Thread-safe.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A token source without a timer, which nobody disposes of but the garbage collector, holds nothing.")]
internal sealed class FlightDeadline
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private CancellationTokenSource _source = new();
    private long _ends = long.MaxValue;
    private long _fires = long.MaxValue;

    public FlightDeadline(TimeProvider time)
    {
        _time = time;

        // The timer would keep the async locals of the call that came first.
        using var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(static state => ((FlightDeadline)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Begins a flight.</summary>
    /// <param name="now">By the clock.</param>
    /// <param name="left">Its time.</param>
    /// <returns>Cancelled when the time is over, unless <see cref="End"/> comes first.</returns>
    public CancellationToken Begin(long now, TimeSpan left)
    {
        lock (_gate)
        {
            _ends = now + (long)(left.TotalSeconds * _time.TimestampFrequency);
            if (_ends < _fires)
            {
                Set_NeedsLock();
            }

            return _source.Token;
        }
    }

    public void End()
    {
        lock (_gate)
        {
            _ends = long.MaxValue;
            if (_source.IsCancellationRequested)
            {
                _source.Dispose();
                _source = new CancellationTokenSource();
            }
        }
    }

    private void Look()
    {
        lock (_gate)
        {
            _fires = long.MaxValue;
            if (_ends == long.MaxValue)
            {
                return;
            }

            if (_time.GetTimestamp() < _ends)
            {
                Set_NeedsLock();
                return;
            }

            // Under the lock, or it could hit the next flight. Who waits goes on elsewhere.
            _source.Cancel();
        }
    }

    private void Set_NeedsLock()
    {
        _fires = _ends;

        // The system's timers count in whole milliseconds.
        var wait = Math.Ceiling(_time.GetElapsedTime(_time.GetTimestamp(), _ends).TotalMilliseconds);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, wait)), Timeout.InfiniteTimeSpan);
    }
}
