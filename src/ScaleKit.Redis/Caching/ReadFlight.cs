namespace ScaleKit.Redis;

/// <summary>One MGET for many readers. Not thread-safe; used again after it has landed.</summary>
internal sealed class ReadFlight(ReadQueue queue, RedisConnection connection) : IThreadPoolWorkItem
{
    private const int MaximumKeys = 128;

    private readonly List<PendingRead> _readers = new(MaximumKeys);

    public bool HasRoom => _readers.Count < MaximumKeys;

    /// <summary>The one on board, if there is no other: it may go on where it is.</summary>
    public PendingRead? Alone => _readers.Count == 1 ? _readers[0] : null;

    /// <summary>Those who were on board go on by now, and may have come back for the next flight.</summary>
    public void Execute() => queue.TurnRound(this);

    /// <summary>Takes a reader on board, unless it has given up.</summary>
    public void Board(PendingRead reader)
    {
        if (reader.IsWaiting)
        {
            _readers.Add(reader);
        }
    }

    /// <summary>Sends the call and answers all that are on board. Nobody goes on before <see cref="Land"/>. Never throws.</summary>
    /// <returns>Why Redis was of no use, or null.</returns>
    public async ValueTask<Exception?> FlyAsync()
    {
        if (_readers.Count == 0)
        {
            return null;
        }

        try
        {
            var values = await connection.GetManyAsync(Names(), CancellationToken.None).ConfigureAwait(false);
            for (var i = 0; i < values.Length; i++)
            {
                _readers[i].Answer(values[i]);
            }

            return null;
        }
        catch (Exception exception)
        {
            Fail(exception);
            return exception;
        }
    }

    public void Fail(Exception failure) => _readers.ForEach(reader => reader.Fail(failure));

    /// <summary>
    /// Lets all on board go on, on the thread pool, each of them after it has sent the next one there: the first in line go on first, and one that blocks holds up
    /// nobody. Behind the last one comes <paramref name="last"/>.
    /// </summary>
    public void Land(IThreadPoolWorkItem? last)
    {
        for (var i = _readers.Count - 1; i >= 0; i--)
        {
            last = _readers[i].GoOnBefore(last);
        }

        Clear();
        if (last is not null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(last, preferLocal: false);
        }
    }

    public void Clear() => _readers.Clear();

    private ReadOnlySpan<RedisName> Names()
    {
        var names = new RedisName[_readers.Count];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = _readers[i].Name;
        }

        return names;
    }
}
