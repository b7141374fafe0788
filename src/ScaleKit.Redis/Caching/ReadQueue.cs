using System.Buffers;
using ScaleKit.Caching;

namespace ScaleKit.Redis;

/// <summary>
/// Joins the readings that come while others are under way into one MGET. A reading that finds nothing under way goes at once: waiting for company would add latency.
/// Order is that of arrival. Not for a Redis Cluster, where the keys lie on many servers. Thread-safe.
/// </summary>
internal sealed class ReadQueue(RedisConnection connection)
{
    // Two under way: one is answered by the server while the answer to the other travels and its callers go on.
    private const int MaximumFlights = 2;

    private readonly Lock _gate = new();
    private readonly Queue<PendingRead> _waiting = new();
    private readonly Stack<ReadFlight> _landed = new();
    private readonly FreeList<PendingRead> _free = new();
    private int _underWay;

    public ValueTask<SharedReading> ReadAsync(RedisName name, IBufferWriter<byte> target, CancellationToken cancellationToken)
    {
        var read = _free.Take() ?? new PendingRead(_free);
        var task = read.Begin(name, target, cancellationToken);
        ReadFlight? flight = null;
        lock (_gate)
        {
            _waiting.Enqueue(read);
            if (_underWay < MaximumFlights)
            {
                _underWay++;
                flight = _landed.TryPop(out var landed) ? landed : new ReadFlight(this, connection);
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
    public bool TurnRound(ReadFlight flight)
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

    private async Task FlyAsync(ReadFlight flight)
    {
        if (await flight.FlyAsync().ConfigureAwait(false) is { } failure)
        {
            // They have waited as long as the one that just failed, and would wait as long again.
            FailWaiting(failure);
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

    private void Board_NeedsLock(ReadFlight flight)
    {
        while (flight.HasRoom && _waiting.TryDequeue(out var read))
        {
            flight.Board(read);
        }
    }

    private void FailWaiting(Exception failure)
    {
        var failed = new ReadFlight(this, connection);
        for (var isLast = false; !isLast;)
        {
            lock (_gate)
            {
                Board_NeedsLock(failed);
                isLast = _waiting.Count == 0;
            }

            failed.Fail(failure);
            failed.Land(last: null);
        }
    }
}
