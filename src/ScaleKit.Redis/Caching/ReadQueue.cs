using System.Buffers;
using ScaleKit.Caching;

namespace ScaleKit.Redis;

/// <summary>
/// Joins the readings that come while others are under way into one MGET. A reading that finds nothing under way goes at once: waiting for company would add latency.
/// Order is that of arrival. Not for a Redis Cluster, where the keys lie on many servers. Thread-safe.
/// </summary>
internal sealed class ReadQueue(RedisConnection connection)
{
    public const int MaximumKeys = 128;

    // Two under way: one is answered by the server while the answer to the other travels and its callers go on.
    private const int MaximumFlights = 2;

    private readonly Lock _gate = new();
    private readonly Queue<PendingRead> _waiting = new();
    private readonly Stack<List<PendingRead>> _landed = new();
    private readonly FreeList<PendingRead> _free = new();
    private int _underWay;

    public ValueTask<SharedReading> ReadAsync(RedisName name, IBufferWriter<byte> target, CancellationToken cancellationToken)
    {
        var read = _free.Take() ?? new PendingRead(_free);
        var task = read.Begin(name, target, cancellationToken);
        List<PendingRead>? flight = null;
        lock (_gate)
        {
            _waiting.Enqueue(read);
            if (_underWay < MaximumFlights)
            {
                _underWay++;
                flight = _landed.TryPop(out var landed) ? landed : new(MaximumKeys);
                Board_NeedsLock(flight);
            }
        }

        if (flight is not null)
        {
            _ = FlyAsync(flight);
        }

        return task;
    }

    private async Task FlyAsync(List<PendingRead> flight)
    {
        for (var isLast = false; !isLast;)
        {
            var failure = await SendAsync(flight).ConfigureAwait(false);
            lock (_gate)
            {
                // After a failure those who waited meanwhile fail too: they have waited as long, and would wait as long again.
                if (failure is not null)
                {
                    flight.AddRange(_waiting);
                    _waiting.Clear();
                }
            }

            if (failure is not null)
            {
                flight.ForEach(read => read.Fail(failure));
            }

            flight.Clear();
            lock (_gate)
            {
                isLast = _waiting.Count == 0;
                if (isLast)
                {
                    _underWay--;
                    _landed.Push(flight);
                }
                else
                {
                    Board_NeedsLock(flight);
                }
            }
        }
    }

    private void Board_NeedsLock(List<PendingRead> flight)
    {
        while (flight.Count < MaximumKeys && _waiting.TryDequeue(out var read))
        {
            // Who has given up is left out.
            if (read.IsWaiting)
            {
                flight.Add(read);
            }
        }
    }

    /// <summary>Answers all that are on board, unless it fails. Never throws.</summary>
    private async ValueTask<Exception?> SendAsync(List<PendingRead> flight)
    {
        try
        {
            var values = await connection.GetManyAsync(NamesOf(flight), CancellationToken.None).ConfigureAwait(false);
            for (var i = 0; i < values.Length; i++)
            {
                flight[i].Answer(values[i]);
            }

            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private static ReadOnlySpan<RedisName> NamesOf(List<PendingRead> flight)
    {
        var names = new RedisName[flight.Count];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = flight[i].Name;
        }

        return names;
    }
}
