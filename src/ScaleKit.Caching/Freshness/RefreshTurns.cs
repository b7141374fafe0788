namespace ScaleKit.Caching;

/// <summary>
/// Refreshes on demand take turns: of one key at most one runs and one waits to run, and whoever comes shares the one that has not begun. So a refresh that somebody
/// shares began after he came, and a thousand callers cost two factory calls.
/// </summary>
internal sealed class RefreshTurns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<FlightKey, Turns> _turns = [];

    public int Count
    {
        get
        {
            lock (_gate)
                return _turns.Count;
        }
    }

    /// <summary>Shares the refresh of the key that has not begun yet, or makes <paramref name="run"/> the next one.</summary>
    /// <returns>Whether <paramref name="run"/> is the one, and its outcome.</returns>
    public (bool IsFirst, Task<Filled<T>> Refresh) JoinNext<T>(FlightKey key, Func<Task<Filled<T>>> run)
    {
        lock (_gate)
        {
            if (!_turns.TryGetValue(key, out var turns))
                _turns.Add(key, turns = new Turns());
            else if (turns.Next is { } next)
                return (false, (Task<Filled<T>>)next);
            var turn = TakeTurnAsync(key, turns, turns.Last, run);
            turns.Next = turn;

            // Observed here: its callers may all have given up.
            _ = turn.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return (true, turn);
        }
    }

    private async Task<Filled<T>> TakeTurnAsync<T>(FlightKey key, Turns turns, Task before, Func<Task<Filled<T>>> run)
    {
        // Never on the caller's stack: it holds the lock.
        await Task.Yield();
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var ended = new TaskCompletionSource();
        lock (_gate)
        {
            turns.Next = null;
            turns.Last = ended.Task;
        }

        try
        {
            return await run().ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                if (turns.Next is null)
                    _turns.Remove(key);
            }

            ended.SetResult();
        }
    }

    private sealed class Turns
    {
        public Task Last { get; set; } = Task.CompletedTask;

        public Task? Next { get; set; }
    }
}
