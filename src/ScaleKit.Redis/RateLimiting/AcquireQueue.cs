using ScaleKit.RateLimiting;

namespace ScaleKit.Redis;

/// <summary>
/// Joins the calls that come while another is under way into the next one. A call that finds nothing under way goes at once: waiting for company would add
/// latency. Order is that of arrival. One queue serves a whole server; on a Redis Cluster each hash slot has its own. Thread-safe.
/// </summary>
internal sealed class AcquireQueue(AcquireScript script, TimeProvider time)
{
    // Two under way: one is carried out while the answer to the other travels and its callers go on.
    private const int MaximumFlights = 2;

    private readonly Lock _gate = new();
    private readonly Queue<WindowKey> _waiting = new();
    private readonly Stack<AcquireFlight> _landed = new();
    private int _underWay;

    public ValueTask<RateLimitDecision> AcquireAsync(WindowKey key, int permits, CancellationToken cancellationToken)
    {
        var acquisition = Acquisition.Rent();
        var task = acquisition.Begin(permits, time.GetTimestamp(), cancellationToken);
        AcquireFlight? flight = null;
        lock (_gate)
        {
            if (key.Append_NeedsLock(acquisition))
            {
                _waiting.Enqueue(key);
            }

            if (_underWay < MaximumFlights)
            {
                _underWay++;
                flight = _landed.TryPop(out var landed) ? landed : new AcquireFlight(this, script, time);
                Board_NeedsLock(flight);
            }
        }

        if (flight is not null)
        {
            _ = FlyAsync(flight);
        }

        return task;
    }

    /// <summary>Flies on with those who wait by now, or ends.</summary>
    /// <returns>True when it ended.</returns>
    public bool TurnRound(AcquireFlight flight)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _underWay--;
                _landed.Push(flight);
                return true;
            }

            Board_NeedsLock(flight);
        }

        _ = FlyAsync(flight);
        return false;
    }

    private async Task FlyAsync(AcquireFlight flight)
    {
        if (!await flight.FlyAsync().ConfigureAwait(false))
        {
            // They have waited as long as the one that just failed, and would wait as long again.
            FailWaiting();
        }

        if (flight.Alone is not { } alone)
        {
            // The flight turns round behind those who go on now: they come back for the next one, and if it left at once it would be nearly empty.
            flight.Land(flight);
            return;
        }

        flight.Clear();
        if (TurnRound(flight))
        {
            // Nobody depends on this thread any longer.
            alone.GoOnHere();
        }
        else if (alone.GoOnBefore(null) is { } item)
        {
            ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
        }
    }

    private void Board_NeedsLock(AcquireFlight flight)
    {
        while (flight.Room > 0 && _waiting.TryDequeue(out var key))
        {
            if (flight.Board_NeedsLock(key))
            {
                // What is left of a long queue goes behind the others.
                _waiting.Enqueue(key);
            }
        }
    }

    private void FailWaiting()
    {
        var failed = new AcquireFlight(this, script, time);
        for (var isLast = false; !isLast;)
        {
            lock (_gate)
            {
                Board_NeedsLock(failed);
                isLast = _waiting.Count == 0;
            }

            failed.Fail();
            failed.Land(last: null);
        }
    }
}
