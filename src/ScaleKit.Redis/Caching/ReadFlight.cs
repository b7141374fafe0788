namespace ScaleKit.Redis;

/// <summary>One MGET for many readers.</summary>
internal sealed class ReadFlight(ReadQueue queue, RedisConnection connection) : Flight<PendingRead, byte[]?, PendingRead>(queue)
{
    private const int MaximumKeys = 128;

    private Exception? _failure;

    public override bool HasRoom => Callers.Count < MaximumKeys;

    public override bool Board_NeedsLock(PendingRead waiting)
    {
        BoardAll_NeedsLock(waiting);
        return false;
    }

    public override void BoardAll_NeedsLock(PendingRead waiting)
    {
        if (waiting.IsWaiting)
        {
            Callers.Add(waiting);
        }
    }

    public override void Fail() => Callers.ForEach(reader => reader.Fail(_failure!));

    public override void Clear()
    {
        base.Clear();
        _failure = null;
    }

    protected override async ValueTask<bool> FlyAsync()
    {
        if (Callers.Count == 0)
        {
            return true;
        }

        try
        {
            var values = await connection.GetManyAsync(Names(), CancellationToken.None).ConfigureAwait(false);
            for (var i = 0; i < values.Length; i++)
            {
                Callers[i].Answer(values[i]);
            }

            return true;
        }
        catch (Exception exception)
        {
            _failure = exception;
            return false;
        }
    }

    private ReadOnlySpan<RedisName> Names()
    {
        var names = new RedisName[Callers.Count];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = Callers[i].Name;
        }

        return names;
    }
}
