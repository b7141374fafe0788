using System.Globalization;

namespace SessionCache;

/// <summary>The story: two nodes in step, the line of one cut, the line mended.</summary>
internal sealed class CutLine(Node a, Node b, Timeline timeline, int users)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan BetweenChecks = TimeSpan.FromMilliseconds(10);
    private readonly Staleness _staleness = new();

    public async Task<int> RunAsync()
    {
        timeline.Chapter("Both nodes reach the shared level.");
        var seen = await LogInAndOutAsync();

        timeline.Chapter($"B's line is cut; {users} users log out on A. B may be wrong for {Node.Options.MaxStaleness.TotalSeconds:0.#} s, then it trusts its memory no more.");
        var gone = await CutAsync();
        var zoe = await a.LogInAsync("zoe");
        timeline.Add("A", "zoe logs in");
        var (staleDuringCut, longest) = (_staleness.Count, _staleness.Longest);
        var bypassed = 0;
        foreach (var session in gone.Append(zoe))
            bypassed += (await CheckAsync(b, session)).ServedFrom.StartsWith("database", StringComparison.Ordinal) ? 1 : 0;

        timeline.Chapter("The line is mended.");
        var mendedAt = TimeProvider.System.GetTimestamp();
        b.Line.Mend();
        await UntilAsync(b, zoe, check => string.Equals(check.ServedFrom, "memory", StringComparison.Ordinal));
        var heal = TimeProvider.System.GetElapsedTime(mendedAt);
        timeline.Add("B", "uses its memory again");
        foreach (var session in gone)
            await CheckAsync(b, session);
        var staleAfterHeal = _staleness.Count - staleDuringCut;
        seen = Later(seen, await LogOutAndWatchAsync(zoe));
        timeline.EndRepeats();

        var isBounded = _staleness.Longest <= Node.Options.MaxStaleness;
        Console.WriteLine();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"RESULT stale_ms_max={Later(longest, _staleness.Longest).TotalMilliseconds:0} bound_ms={Node.Options.MaxStaleness.TotalMilliseconds:0} stale_reads={staleDuringCut} bypassed_reads={bypassed} heal_ms={heal.TotalMilliseconds:0} stale_after_heal={staleAfterHeal} log_out_seen_ms={seen.TotalMilliseconds:0}"));
        return isBounded && staleAfterHeal == 0 ? 0 : 1;
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private async Task<TimeSpan> LogInAndOutAsync()
    {
        var ann = await a.LogInAsync("ann");
        timeline.Add("A", "ann logs in: into the database, then into the cache");
        await CheckAsync(a, ann);
        await CheckAsync(b, ann);
        await CheckAsync(b, ann);
        return await LogOutAndWatchAsync(ann);
    }

    private async Task<List<Session>> CutAsync()
    {
        var sessions = new List<Session>();
        for (var i = 1; i <= users; i++)
        {
            sessions.Add(await a.LogInAsync($"user {i}"));
            await UntilAsync(b, sessions[^1], check => string.Equals(check.ServedFrom, "memory", StringComparison.Ordinal), isShown: false);
        }

        timeline.Add("B", $"has {users} sessions in memory");
        b.Line.Cut();
        foreach (var session in sessions)
        {
            await a.LogOutAsync(session);
            _staleness.LoggedOut(session);
        }

        timeline.Add("A", $"{users} users have logged out");

        // Round and round, as requests come in, until B has noticed for each of them. If it never does, the result says so.
        var startedAt = TimeProvider.System.GetTimestamp();
        for (var still = sessions.ToList(); still.Count > 0 && TimeProvider.System.GetElapsedTime(startedAt) < Deadline;)
        {
            var next = new List<Session>();
            foreach (var session in still)
            {
                if ((await CheckAsync(b, session)).Session is not null)
                    next.Add(session);
            }

            still = next;
            await Task.Delay(BetweenChecks, TimeProvider.System);
        }

        return sessions;
    }

    private async Task<TimeSpan> LogOutAndWatchAsync(Session session)
    {
        await a.LogOutAsync(session);
        _staleness.LoggedOut(session);
        timeline.Add("A", $"{session.User} logs out");
        var startedAt = TimeProvider.System.GetTimestamp();
        await UntilAsync(b, session, check => check.Session is null);
        return TimeProvider.System.GetElapsedTime(startedAt);
    }

    private async Task UntilAsync(Node node, Session session, Func<SessionCheck, bool> isReached, bool isShown = true)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        while (!isReached(await CheckAsync(node, session, isShown)))
            await PauseAsync(startedAt);
    }

    private async Task<SessionCheck> CheckAsync(Node node, Session session, bool isShown = true)
    {
        var check = await node.CheckAsync(session);
        var age = _staleness.Judge(session, check);
        if (isShown)
        {
            var detail = age is { } stale ? string.Create(CultureInfo.InvariantCulture, $", {stale.TotalMilliseconds:0} ms after the log-out") : "";
            timeline.Check(node.Name, check, session.User, age is not null ? "yes (STALE)" : check.Session is null ? "no" : "yes", detail);
        }

        return check;
    }

    private static async Task PauseAsync(long startedAt)
    {
        if (TimeProvider.System.GetElapsedTime(startedAt) > Deadline)
            throw new TimeoutException($"Nothing has changed for {Deadline.TotalSeconds:0} s.");
        await Task.Delay(BetweenChecks, TimeProvider.System);
    }
}
