namespace ScaleKit.Caching;

/// <summary>
/// Sweeps a store once in <see cref="Period"/>: one timer for all entries. It holds the store weakly, because a timer is a root: a cache that nobody disposed and
/// nobody holds any more is collected, and then the timer ends itself.
/// </summary>
internal sealed class StoreSweeper : IDisposable
{
    private readonly ITimer _timer;
    private readonly WeakReference<ILocalStore> _store;
    private int _isSweeping;

    public StoreSweeper(ILocalStore store, TimeProvider time)
    {
        _store = new WeakReference<ILocalStore>(store);
        _timer = time.CreateTimer(static s => ((StoreSweeper)s!).Sweep(), this, Period, Period);
    }

    public static TimeSpan Period { get; } = TimeSpan.FromSeconds(30);

    public void Dispose() => _timer.Dispose();

    private void Sweep()
    {
        if (!_store.TryGetTarget(out var store))
        {
            _timer.Dispose();
            return;
        }

        // A sweep that takes longer than the period is not joined by the next one.
        if (Interlocked.Exchange(ref _isSweeping, 1) != 0)
            return;
        try
        {
            store.Sweep();
        }
        finally
        {
            Volatile.Write(ref _isSweeping, 0);
        }
    }
}
