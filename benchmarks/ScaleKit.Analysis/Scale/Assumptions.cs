namespace ScaleKit.Analysis.Scale;

/// <summary>What no measurement of this library can know: how people use the application. Each is an option of the command.</summary>
/// <param name="ActiveShare">Sessions that are open at a time, as a share of monthly users.</param>
/// <param name="QueriesPerSessionSecond">Queries that a session makes a second, on average.</param>
/// <param name="PeakTimes">The busiest second against the average one.</param>
/// <param name="MemoryHitShare">Reads that the memory level answers.</param>
/// <param name="HitShare">Reads that either level answers; the rest reaches a database.</param>
/// <param name="SessionBytes">A session's value.</param>
/// <param name="RowBytes">A user's row, its indexes included.</param>
/// <param name="SessionsPerShard">Sessions that a shard of the session store holds.</param>
/// <param name="ShardGib">What a database shard of users may hold.</param>
/// <param name="ShardQueries">What a database shard answers a second.</param>
/// <param name="RedisGib">What a master of Redis may hold; filled to three fifths.</param>
/// <param name="LimitedShare">Sessions that have a window in the limiter at a time.</param>
/// <param name="ConnectedShare">Sessions that hold a connection, and so a seat.</param>
/// <param name="RequestMicroseconds">The application's own work for a query, in microseconds of a core.</param>
/// <param name="ResponseBytes">An answer on the wire.</param>
internal sealed record Assumptions(
    double ActiveShare,
    double QueriesPerSessionSecond,
    double PeakTimes,
    double MemoryHitShare,
    double HitShare,
    int SessionBytes,
    int RowBytes,
    int SessionsPerShard,
    int ShardGib,
    int ShardQueries,
    int RedisGib,
    double LimitedShare,
    double ConnectedShare,
    int RequestMicroseconds,
    int ResponseBytes)
{
    /// <summary>An identity provider: 10 % of its monthly users at a time, a query each 100 seconds, peaks of 2.5 times that.</summary>
    public static readonly IReadOnlyDictionary<string, string> Defaults = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["active-percent"] = "10", ["queries-per-1000-sessions"] = "10", ["peak-percent"] = "250",
        ["memory-hit-percent"] = "80", ["hit-percent"] = "95", ["session-bytes"] = "1000", ["row-bytes"] = "1000",
        ["sessions-per-shard"] = "10000", ["shard-gib"] = "20", ["shard-queries"] = "5000", ["redis-gib"] = "25",
        ["limited-percent"] = "20", ["connected-percent"] = "10", ["request-us"] = "300", ["response-bytes"] = "2000",
    };

    public static Assumptions Of(AnalysisArguments arguments)
    {
        var assumptions = new Assumptions(
            Percent("active-percent"), arguments.Number("queries-per-1000-sessions", 1, 1_000_000) / 1000.0, arguments.Number("peak-percent", 100, 10_000) / 100.0,
            Percent("memory-hit-percent"), Percent("hit-percent"), arguments.Number("session-bytes", 1, 1_000_000), arguments.Number("row-bytes", 1, 1_000_000),
            arguments.Number("sessions-per-shard", 1, 100_000_000), arguments.Number("shard-gib", 1, 100_000), arguments.Number("shard-queries", 1, 1_000_000),
            arguments.Number("redis-gib", 1, 10_000), Percent("limited-percent"), Percent("connected-percent"),
            arguments.Number("request-us", 1, 1_000_000), arguments.Number("response-bytes", 1, 100_000_000));
        return assumptions.HitShare >= assumptions.MemoryHitShare
            ? assumptions
            : throw new ArgumentException("--hit-percent counts both levels; it must not be below --memory-hit-percent.", nameof(arguments));

        double Percent(string name) => arguments.Number(name, 0, 100) / 100.0;
    }
}
