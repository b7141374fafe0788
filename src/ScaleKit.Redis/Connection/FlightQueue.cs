namespace ScaleKit.Redis;

/// <summary>
/// Joins the calls that come while others are under way into the next one. A call that finds nothing under way goes at once: waiting for company would add latency.
/// Order is that of arrival. Thread-safe.
/// </summary>
/// <typeparam name="TCaller">One call.</typeparam>
/// <typeparam name="TAnswer">What it waits for.</typeparam>
/// <typeparam name="TWaiting">What stands in line: the callers themselves, or groups of them.</typeparam>
internal abstract class FlightQueue<TCaller, TAnswer, TWaiting>
    where TCaller : FlightCaller<TAnswer>
{
    // Two under way: one is carried out while the answer to the other travels and its callers go on.
    private const int MaximumFlights = 2;

    private readonly Lock _gate = new();
    private readonly Queue<TWaiting> _waiting = new();
    private readonly Stack<Flight<TCaller, TAnswer, TWaiting>> _landed = new();
    private int _underWay;

    // The one that left last. Nobody is on board any more once it has turned round.
    private Flight<TCaller, TAnswer, TWaiting>? _last;

    /// <summary>Flies on with those who wait by now, or ends.</summary>
    public void TurnRound(Flight<TCaller, TAnswer, TWaiting> flight)
    {
        lock (_gate)
        {
            flight.Clear();
            if (_waiting.Count == 0 || IsLastWorthAwaiting_NeedsLock())
            {
                _underWay--;
                _landed.Push(flight);
                return;
            }

            Board_NeedsLock(flight);
        }

        flight.Fly(own: null);
    }

    /// <summary>Lets all on board go on.</summary>
    /// <param name="flight">All on board have an answer, unless <paramref name="isServed"/> is false.</param>
    /// <param name="isServed">False when Redis was of no use.</param>
    /// <param name="own">The caller that this thread belongs to; null when it belongs to nobody.</param>
    /// <param name="isSent">This thread brought the answer.</param>
    public void Arrived(Flight<TCaller, TAnswer, TWaiting> flight, bool isServed, TCaller? own, bool isSent)
    {
        if (!isServed)
        {
            // Those in line have waited as long as the ones on board, and would wait as long again.
            BoardAll(flight);
            flight.Fail();
        }

        if (flight.Alone is not { } alone)
        {
            flight.Land(isHere: isSent);
            return;
        }

        // Nobody depends on this thread afterwards. Before it was sent, somebody may: the one that it belongs to.
        TurnRound(flight);
        if (isSent || ReferenceEquals(alone, own))
        {
            alone.GoOn();
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(static caller => caller.GoOn(), alone, preferLocal: false);
        }
    }

    protected abstract Flight<TCaller, TAnswer, TWaiting> Create();

    /// <summary>A flight takes those on board who wait.</summary>
    protected virtual void Leaving_NeedsLock()
    {
    }

    /// <summary>Puts a caller in line.</summary>
    protected abstract void Join_NeedsLock(Queue<TWaiting> waiting, TCaller caller);

    protected void Join(TCaller caller)
    {
        Flight<TCaller, TAnswer, TWaiting>? flight = null;
        lock (_gate)
        {
            Join_NeedsLock(_waiting, caller);
            if (_underWay < MaximumFlights && !IsLastWorthAwaiting_NeedsLock())
            {
                _underWay++;
                flight = _landed.TryPop(out var landed) ? landed : Create();
                Board_NeedsLock(flight);
            }
        }

        if (flight is not null)
        {
            flight.Fly(caller);
        }
    }

    private bool IsLastWorthAwaiting_NeedsLock() => _waiting.Count == 1 && _last is not null && _last.IsWorthAwaiting_NeedsLock(_waiting.Peek());

    private void Board_NeedsLock(Flight<TCaller, TAnswer, TWaiting> flight)
    {
        Leaving_NeedsLock();
        while (flight.HasRoom && _waiting.TryDequeue(out var waiting))
        {
            if (flight.Board_NeedsLock(waiting))
            {
                // What is left of many goes behind the others.
                _waiting.Enqueue(waiting);
            }
        }

        _last = flight;
    }

    private void BoardAll(Flight<TCaller, TAnswer, TWaiting> flight)
    {
        lock (_gate)
        {
            Leaving_NeedsLock();
            while (_waiting.TryDequeue(out var waiting))
            {
                flight.BoardAll_NeedsLock(waiting);
            }
        }
    }
}
