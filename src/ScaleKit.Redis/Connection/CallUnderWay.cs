namespace ScaleKit.Redis;

/// <summary>
/// The turns of one call. It waits for the client, or it belongs to exactly one that has claimed it: the client's answer or the timeout,
/// whichever comes first. The one that claims it sends it to the pool, and only there it goes on.
/// </summary>
internal abstract class CallUnderWay : Timed, IThreadPoolWorkItem
{
    private readonly Action _resume;
    private int _claimed = 1;

    protected CallUnderWay() => _resume = Resume;

    /// <summary>True when its time was over before the client's answer came.</summary>
    protected bool IsExpired { get; private set; }

    /// <summary>What it waits, or waited, for.</summary>
    protected Task Awaited { get; private set; } = Task.CompletedTask;

    /// <summary>Goes on, on a thread of the pool.</summary>
    public abstract void Execute();

    /// <summary>Ends the wait because its time is over, unless the answer was first.</summary>
    public override void TimeIsOver()
    {
        if (TryClaim())
        {
            IsExpired = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>
    /// Gives up the claim until the task has completed; false, and the claim is kept, when it has already. After true this object may
    /// belong to another thread, and even to another call: nothing may be touched any more.
    /// </summary>
    protected bool Waits(Task task)
    {
        Awaited = task;
        if (task.IsCompleted)
        {
            return false;
        }

        // Before the continuation is there: it could run at once, and would find the claim still held.
        Volatile.Write(ref _claimed, 0);
        task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_resume);
        return true;
    }

    /// <summary>Makes it ready for another call. The claim is held by whoever begins that.</summary>
    protected void Forget() => Awaited = Task.CompletedTask;

    private bool TryClaim() => Interlocked.CompareExchange(ref _claimed, 1, 0) == 0;

    // Client 1.2.6 completes its tasks one after another on one thread, and this runs there: an application that blocks in a continuation
    // would hold up every other answer. So everything that follows moves to the thread pool.
    private void Resume()
    {
        if (TryClaim())
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        else
        {
            // Too late: nobody else looks at it, and it must not be reported as unobserved.
            _ = Awaited.Exception;
        }
    }
}
