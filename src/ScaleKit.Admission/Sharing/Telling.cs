using System.Threading.Tasks.Sources;

namespace ScaleKit.Admission;

/// <summary>
/// Tells those whom one step of the store has decided for, part after part on the thread pool, each part behind those who were told before. It is done behind the last
/// part: those who are told come back at once with the next wish, and a step that left before them would be nearly empty.
/// </summary>
internal sealed class Telling(Action<Waiter> tell) : IThreadPoolWorkItem, IValueTaskSource
{
    // Each waits for its turn in the pool, and the next step, which is a sign of life, waits for all.
    private const int Parts = 8;

    private ManualResetValueTaskSourceCore<bool> _core;
    private SettledWaiters _settled;
    private int _part;

    /// <summary>One at a time.</summary>
    public ValueTask RunAsync(SettledWaiters settled)
    {
        if (!settled.Any)
        {
            return ValueTask.CompletedTask;
        }

        _core.Reset();
        _settled = settled;
        var count = 0;
        for (var waiter = settled.First; waiter is not null; waiter = waiter.Next)
        {
            count++;
        }

        _part = (count + Parts - 1) / Parts;
        var done = new ValueTask(this, _core.Version);
        _ = ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return done;
    }

    void IThreadPoolWorkItem.Execute()
    {
        var part = default(SettledWaiters);
        for (var i = 0; i < _part && _settled.TakeNext() is { } waiter; i++)
        {
            part.Add(waiter);
        }

        if (!part.Any)
        {
            _core.SetResult(true);
            return;
        }

        // Before the visitors go on, which they do behind this on the same thread: another thread may take the next part meanwhile.
        _ = ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        while (part.TakeNext() is { } waiter)
        {
            tell(waiter);
        }
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
