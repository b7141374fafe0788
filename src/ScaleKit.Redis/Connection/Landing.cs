namespace ScaleKit.Redis;

/// <summary>
/// Lets those whom one call to Redis has answered go on, the first in line first, one after the other on one thread: most go on for less than a microsecond, to the
/// next thing they wait for, and more threads would only get into each other's way. One that blocks or works for long holds the others up until it is noticed; then any
/// idle thread takes them from there.
/// </summary>
internal abstract class Landing : Timed, IThreadPoolWorkItem
{
    // Long landings come in rows: so many after one of them do not wait until they are noticed.
    private const int HelpedFromTheFirst = 64;

    private static readonly TimeLimit Watch = new(TimeSpan.FromMilliseconds(5), TimeProvider.System);

    // How many land in the upper half, how many turns were taken in the lower one. One number: who comes late to a landing takes a turn of the next one, or none.
    private long _landing;
    private int _looked;
    private int _isQueued;
    private int _helped;

    /// <summary>Takes part in a landing that has not ended yet.</summary>
    public void Execute()
    {
        Volatile.Write(ref _isQueued, 0);
        LetGo();
    }

    public override void TimeIsOver()
    {
        Volatile.Write(ref _helped, HelpedFromTheFirst);
        CallForHelp(preferLocal: false);
    }

    /// <summary>Who takes a turn, from 0 on.</summary>
    protected abstract IFlightCaller Caller(int turn);

    /// <summary>All have had their turn, and the last of them may not have gone on yet. Nobody looks for callers any more.</summary>
    protected abstract void Landed();

    /// <param name="count">How many there are.</param>
    /// <param name="isHere">They may go on on this thread: it is of the pool, and nobody depends on it.</param>
    protected void Land(int count, bool isHere)
    {
        _looked = 0;
        _helped = Math.Max(0, _helped - 1);
        Watch.Add(this);

        // Ordering: a full fence. Help that is called for already may be looking for a landing now; either it finds this one, or the flag below is down.
        Interlocked.Exchange(ref _landing, (long)count << 32);
        if (isHere)
        {
            LetGo();
        }
        else
        {
            CallForHelp(preferLocal: false);
        }
    }

    // Each turn belongs to a caller, the one after the last of them to the landing.
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

            IFlightCaller? caller = null;
            if (turn < count)
            {
                caller = Caller(turn);
                if (Volatile.Read(ref _helped) > 0)
                {
                    // Before the caller goes on, which may be for long.
                    CallForHelp(preferLocal: true);
                }
            }

            if (Interlocked.Increment(ref _looked) > count)
            {
                Watch.Remove(this);
                Landed();
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
