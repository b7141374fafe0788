namespace ScaleKit.Redis;

/// <summary>One call to Redis for many callers. Only its landing is thread-safe; used again after that.</summary>
/// <typeparam name="TCaller">Who is on board.</typeparam>
/// <typeparam name="TAnswer">What each of them waits for.</typeparam>
/// <typeparam name="TWaiting">Who boards together.</typeparam>
internal abstract class Flight<TCaller, TAnswer, TWaiting>(FlightQueue<TCaller, TAnswer, TWaiting> queue) : IThreadPoolWorkItem
    where TCaller : FlightCaller<TAnswer>
{
    private readonly Lock _gate = new();
    private int _gone;
    private bool _isLanding;
    private bool _isQueued;

    /// <summary>Whether more can board.</summary>
    public abstract bool HasRoom { get; }

    /// <summary>The one on board, if there is no other: it may go on where it is.</summary>
    public TCaller? Alone => Callers.Count == 1 ? Callers[0] : null;

    /// <summary>All on board, the first in line first.</summary>
    protected List<TCaller> Callers { get; } = [];

    /// <summary>Takes on board who has not given up.</summary>
    /// <returns>True when some had no room.</returns>
    public abstract bool Board_NeedsLock(TWaiting waiting);

    /// <summary>The same without regard to room, for a flight that has failed.</summary>
    public abstract void BoardAll_NeedsLock(TWaiting waiting);

    /// <summary>Sends the call and answers all that are on board. Nobody goes on before <see cref="Land"/>. Never throws.</summary>
    /// <returns>False when Redis was of no use: nobody has an answer then.</returns>
    public abstract ValueTask<bool> FlyAsync();

    /// <summary>Answers all that are on board without Redis.</summary>
    public abstract void Fail();

    /// <summary>Nobody is on board.</summary>
    public virtual void Clear() => Callers.Clear();

    /// <summary>
    /// Lets all on board go on, the first in line first. The flight turns round behind the last one: they come back for the next one, and if it left at once it would
    /// be nearly empty.
    /// </summary>
    /// <param name="isHere">They may go on on this thread: it is of the pool, and nobody depends on it.</param>
    public void Land(bool isHere)
    {
        lock (_gate)
        {
            (_gone, _isLanding) = (0, true);
            _isQueued |= !isHere;
        }

        if (isHere)
        {
            LetGo();
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Takes part in a landing that has not ended yet.</summary>
    public void Execute()
    {
        lock (_gate)
        {
            _isQueued = false;
        }

        LetGo();
    }

    private void LetGo()
    {
        while (TryTakeNext(out var caller))
        {
            caller?.GoOn();
        }
    }

    /// <returns>False when there is nothing left to do.</returns>
    private bool TryTakeNext(out TCaller? caller)
    {
        bool isToQueue, isLast;
        lock (_gate)
        {
            caller = null;
            if (!_isLanding)
            {
                return false;
            }

            isLast = _gone == Callers.Count;
            caller = isLast ? null : Callers[_gone++];
            _isLanding = !isLast;
            isToQueue = !isLast && !_isQueued;
            _isQueued |= isToQueue;
        }

        if (isToQueue)
        {
            // Before the caller goes on: should it block, any idle thread takes the others from here.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        }

        if (isLast)
        {
            queue.TurnRound(this);
        }

        return !isLast;
    }
}
