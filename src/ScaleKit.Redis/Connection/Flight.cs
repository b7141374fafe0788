namespace ScaleKit.Redis;

/// <summary>One call to Redis for many callers. Only its landing is thread-safe; used again after that.</summary>
/// <typeparam name="TCaller">Who is on board.</typeparam>
/// <typeparam name="TAnswer">What each of them waits for.</typeparam>
/// <typeparam name="TWaiting">Who boards together.</typeparam>
internal abstract class Flight<TCaller, TAnswer, TWaiting>(FlightQueue<TCaller, TAnswer, TWaiting> queue) : IThreadPoolWorkItem
    where TCaller : FlightCaller<TAnswer>
{
    // How many land in the upper half, how many turns were taken in the lower one. One number: who comes late to a landing takes a turn of the next one, or none.
    private long _landing;
    private int _looked;
    private int _isQueued;

    /// <summary>Whether more can board.</summary>
    public abstract bool HasRoom { get; }

    /// <summary>The one on board, if there is no other: it may go on where it is.</summary>
    public TCaller? Alone => Callers.Count == 1 ? Callers[0] : null;

    /// <summary>All on board, the first in line first.</summary>
    protected List<TCaller> Callers { get; } = [];

    /// <summary>Whether those who wait, and nobody else does, had better go with this one when it turns round than with a call of their own.</summary>
    public virtual bool IsWorthAwaiting_NeedsLock(TWaiting waiting) => false;

    /// <summary>Takes on board who has not given up.</summary>
    /// <returns>True when some had no room.</returns>
    public abstract bool Board_NeedsLock(TWaiting waiting);

    /// <summary>The same without regard to room, for a flight that has failed.</summary>
    public abstract void BoardAll_NeedsLock(TWaiting waiting);

    /// <summary>Sends the call and answers all that are on board. Nobody goes on before <see cref="Land"/>.</summary>
    /// <returns>False when Redis was of no use: nobody has an answer then.</returns>
    public abstract ValueTask<bool> FlyAsync();

    /// <summary>Answers all that are on board without Redis.</summary>
    public abstract void Fail();

    /// <summary>Tells all on board who have no answer yet what went wrong.</summary>
    public void Fail(Exception failure) => Callers.ForEach(caller => caller.Fail(failure));

    /// <summary>Nobody is on board.</summary>
    public virtual void Clear() => Callers.Clear();

    /// <summary>
    /// Lets all on board go on, the first in line first. The flight turns round behind the last one: they come back for the next one, and if it left at once it would
    /// be nearly empty.
    /// </summary>
    /// <param name="isHere">They may go on on this thread: it is of the pool, and nobody depends on it.</param>
    public void Land(bool isHere)
    {
        _looked = 0;

        // Ordering: a full fence. Help that is called for already may be looking for a landing now; either it finds this one, or the flag below is down.
        Interlocked.Exchange(ref _landing, (long)Callers.Count << 32);
        if (isHere)
        {
            LetGo();
        }
        else
        {
            CallForHelp(preferLocal: false);
        }
    }

    /// <summary>Takes part in a landing that has not ended yet.</summary>
    public void Execute()
    {
        Volatile.Write(ref _isQueued, 0);
        LetGo();
    }

    // Each turn belongs to a caller, the one after the last of them to the flight.
    private void LetGo()
    {
        while (true)
        {
            var landing = Interlocked.Increment(ref _landing);
            var (turn, count) = ((int)landing - 1, (int)(landing >> 32));
            if (turn > count)
            {
                return;
            }

            TCaller? caller = null;
            if (turn < count)
            {
                caller = Callers[turn];

                // Before the caller goes on: should it block, any idle thread takes the others from here.
                CallForHelp(preferLocal: true);
            }

            if (Interlocked.Increment(ref _looked) > count)
            {
                // Nobody looks at the callers any more.
                queue.TurnRound(this);
            }

            caller?.GoOn();
        }
    }

    private void CallForHelp(bool preferLocal)
    {
        if (Volatile.Read(ref _isQueued) == 0 && Interlocked.Exchange(ref _isQueued, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal);
        }
    }
}
