namespace ScaleKit.Analysis.RateLimiting;

/// <summary>How many permits one window of time saw at most.</summary>
internal static class WindowMeasure
{
    /// <summary>Of permits whose moment is known, in order: the most in any half-open window.</summary>
    public static int Most(IReadOnlyList<long> taken, long window)
    {
        var (most, first) = (0, 0);
        for (var last = 0; last < taken.Count; last++)
        {
            for (; taken[last] - taken[first] >= window; first++)
            {
            }

            most = Math.Max(most, last - first + 1);
        }

        return most;
    }

    /// <summary>
    /// Of permits that were taken somewhere between sending and answer: the most that were surely taken within one window, because they were sent and answered
    /// in it.
    /// </summary>
    public static int SurelyMost(IEnumerable<(long SentAt, long AnsweredAt)> taken, long window)
    {
        var bySending = taken.OrderBy(call => call.SentAt).ToArray();
        var most = 0;
        for (var first = 0; first < bySending.Length; first++)
        {
            var (end, count) = (bySending[first].SentAt + window, 0);
            for (var i = first; i < bySending.Length && bySending[i].SentAt < end; i++)
            {
                count += bySending[i].AnsweredAt < end ? 1 : 0;
            }

            most = Math.Max(most, count);
        }

        return most;
    }
}
