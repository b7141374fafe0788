namespace ChatRooms;

/// <summary>Proves from the clients' own notes that a limit was exceeded, or finds nothing.</summary>
internal static class LimitProof
{
    /// <summary>
    /// If limit + 1 requests were all sent after one moment and all answered less than a window later, they were admitted
    /// within one window, whenever exactly the limiter decided.
    /// </summary>
    public static bool IsBroken(IEnumerable<RunChecker.Accepted> accepted, int limit, TimeSpan window, TimeProvider time) =>
        Windows(accepted, limit, window, time).Any();

    /// <summary>From the first sending to the last answer of each such window.</summary>
    public static IEnumerable<(long From, long Until)> Windows(IEnumerable<RunChecker.Accepted> accepted, int limit, TimeSpan window, TimeProvider time)
    {
        var bySending = accepted.OrderBy(request => request.Sent).ToArray();
        for (var first = 0; first + limit < bySending.Length; first++)
        {
            // The limit + 1 earliest answers among those that were sent no earlier than this one.
            var answers = bySending.Skip(first).Take(4 * limit).Select(request => request.Answered).Order().ToArray();
            if (time.GetElapsedTime(bySending[first].Sent, answers[limit]) < window)
                yield return (bySending[first].Sent, answers[limit]);
        }
    }
}
