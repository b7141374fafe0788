namespace ScaleKit.Analysis.Scale;

/// <summary>What a number of monthly users needs.</summary>
internal sealed record Demand(
    long Users,
    double Sessions,
    double AverageQueries,
    double PeakQueries,
    double RedisReads,
    double DatabaseQueries,
    double SessionShards,
    double UserShards,
    double RowsPerUserShard,
    double UserGib,
    double RedisGib,
    double RedisMasters,
    double LimiterGib,
    double Connections,
    double Rooms,
    double SeatGib,
    double AppCores,
    double ScaleKitCores,
    double TrafficGib)
{
    private const double Gib = 1L << 30;
    private const double Filled = 0.6;
    private const double SecondsPerMonth = 30 * 24 * 3_600;
    private const double RoomSize = 8;

    public static Demand Of(long users, Assumptions a, UnitCosts unit)
    {
        var sessions = users * a.ActiveShare;
        var average = sessions * a.QueriesPerSessionSecond;
        var peak = average * a.PeakTimes;
        var (reads, misses) = (peak * (1 - a.MemoryHitShare), peak * (1 - a.HitShare));
        var userGib = users * (double)a.RowBytes / Gib;
        var userShards = Shards(Math.Max(userGib / a.ShardGib, misses / a.ShardQueries));
        var limiterGib = sessions * a.LimitedShare * unit.Redis.BytesPerLimiterKey / Gib;
        var redisGib = (sessions * unit.Redis.BytesPerSession / Gib) + limiterGib;

        // A master is one core: what it answers here, it answers beside its callers, so half of that is what one should ask of it.
        var load = (reads / unit.Redis.ReadsPerSecond) + (peak / unit.Redis.DecisionsPerSecond);
        var connections = sessions * a.ConnectedShare;
        var perQuery = unit.Router.Nanoseconds + unit.Memory.HitNanoseconds + unit.Limiter.Nanoseconds + (a.ConnectedShare * unit.Memory.AdmitNanoseconds);
        return new Demand(
            users, sessions, average, peak, reads, misses,
            Shards(sessions / a.SessionsPerShard),
            userShards,
            users / userShards,
            userGib,
            redisGib,
            Shards(Math.Max(redisGib / (a.RedisGib * Filled), load / 0.5)),
            limiterGib,
            connections,
            Math.Ceiling(connections / RoomSize),
            connections * unit.Memory.BytesPerSeat / Gib,
            Math.Ceiling(peak * a.RequestMicroseconds / 1e6 / Filled),
            peak * perQuery / 1e9,
            average * SecondsPerMonth * a.ResponseBytes / Gib);
    }

    private static double Shards(double needed) => Math.Max(1, Math.Ceiling(needed));
}
