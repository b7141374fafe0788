namespace ScaleKit.RateLimiting;

/// <summary>
/// Drops idle windows: the one timer of a store, armed while there are keys. Each tick looks at a bounded number of windows, under one shard's lock for a short
/// slice at a time. The timer does not keep a forgotten store alive. Thread-safe.
/// </summary>
internal sealed class WindowSweeper : IDisposable
{
    internal const int WindowsPerTick = 32_768;
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private const int WindowsPerLock = 128;

    private readonly WindowTable[] _tables;
    private readonly Action _afterSweep;
    private readonly ITimer _timer;
    private int _armed;
    private int _table;

    public WindowSweeper(WindowTable[] tables, TimeProvider timeProvider, Action afterSweep)
    {
        _tables = tables;
        _afterSweep = afterSweep;

        // The timer would keep the creator's async locals as long as the store lives.
        using var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _timer = timeProvider.CreateTimer(
            static state => (((WeakReference<WindowSweeper>)state!).TryGetTarget(out var sweeper) ? sweeper : null)?.Tick(),
            new WeakReference<WindowSweeper>(this),
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Called after every decision; one read when armed already.</summary>
    public void Arm()
    {
        if (Volatile.Read(ref _armed) == 0 && Interlocked.Exchange(ref _armed, 1) == 0)
        {
            _timer.Change(Interval, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        // Stays "armed", so that nobody touches the timer again.
        Volatile.Write(ref _armed, 1);
        _timer.Dispose();
    }

    private void Tick()
    {
        SweepSome();
        _afterSweep();
        if (HasWindows())
        {
            _timer.Change(Interval, Timeout.InfiniteTimeSpan);
            return;
        }

        // A key added between the look and this write saw "armed" and left it to us: look again after writing.
        Interlocked.Exchange(ref _armed, 0);
        if (HasWindows())
        {
            Arm();
        }
    }

    private void SweepSome()
    {
        var finished = 0;
        for (var looked = 0; looked < WindowsPerTick && finished < _tables.Length; looked += WindowsPerLock)
        {
            if (!_tables[_table].Sweep(WindowsPerLock))
            {
                _table = (_table + 1) % _tables.Length;
                finished++;
            }
        }
    }

    private bool HasWindows()
    {
        foreach (var table in _tables)
        {
            if (table.Windows > 0)
            {
                return true;
            }
        }

        return false;
    }
}
