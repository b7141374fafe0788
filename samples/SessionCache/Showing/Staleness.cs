namespace SessionCache;

/// <summary>Knows who has logged out and when, and judges every answer by it.</summary>
internal sealed class Staleness
{
    private readonly Dictionary<string, long> _loggedOutAt = new(StringComparer.Ordinal);

    /// <summary>Answers that let somebody in who had logged out before they were asked for.</summary>
    public int Count { get; private set; }

    /// <summary>The longest time between a log-out and the asking of such an answer.</summary>
    public TimeSpan Longest { get; private set; }

    /// <summary>The log-out has returned.</summary>
    public void LoggedOut(Session session) => _loggedOutAt[session.Id] = TimeProvider.System.GetTimestamp();

    /// <summary>How long after the log-out it was asked for, if it is stale.</summary>
    public TimeSpan? Judge(Session session, SessionCheck check)
    {
        if (check.Session is null || !_loggedOutAt.TryGetValue(session.Id, out var at) || check.AskedAt < at)
            return null;
        var age = TimeProvider.System.GetElapsedTime(at, check.AskedAt);
        (Count, Longest) = (Count + 1, age > Longest ? age : Longest);
        return age;
    }
}
