namespace ScaleKit.Caching;

/// <summary>A fill under way, as the table of flights sees it.</summary>
/// <param name="tags">The tags of the call that began it.</param>
/// <param name="token">Taken before anything was read.</param>
/// <param name="canBeAbandoned">Whether the one who began it may leave. If not, it always has a waiter, and needs no way to be cancelled.</param>
#pragma warning disable CA1001 // The source has no timer and no linked token, so there is nothing to dispose; and a waiter may still cancel it after the end.
internal abstract class Flight(string[] tags, FillToken token, bool canBeAbandoned)
#pragma warning restore CA1001
{
    private const int Closed = -1;
    private readonly CancellationTokenSource? _abandoned = canBeAbandoned ? new() : null;
    private int _waiters = 1;

    public string[] Tags => tags;

    /// <summary>Taken before anything was read.</summary>
    public FillToken Token => token;

    /// <summary>Cancelled when the last waiter has left.</summary>
    public CancellationToken Abandoned => _abandoned?.Token ?? CancellationToken.None;

    /// <summary>Adds a waiter, unless the last one has left: an abandoned fill is being cancelled and helps nobody.</summary>
    public bool TryJoin()
    {
        var waiters = Volatile.Read(ref _waiters);
        while (waiters > 0)
        {
            var seen = Interlocked.CompareExchange(ref _waiters, waiters + 1, waiters);
            if (seen == waiters)
                return true;
            waiters = seen;
        }

        return false;
    }

    /// <summary>Lets nobody join any more, if nobody has: what is made only for the others need not be made.</summary>
    public bool TryClose() => Interlocked.CompareExchange(ref _waiters, Closed, 1) == 1;

    /// <summary>Takes a waiter away that gave up.</summary>
    public void Leave()
    {
        // Asynchronously: what the factory hooked to its token must not run on the leaving caller's stack.
        if (Interlocked.Decrement(ref _waiters) == 0)
            _ = _abandoned?.CancelAsync();
    }
}
