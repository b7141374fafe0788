namespace ScaleKit.Analysis.Scale;

/// <summary>What one unit of each primitive costs, as measured in this run.</summary>
internal sealed record UnitCosts(RouterUnit Router, LimiterUnit Limiter, MemoryUnit Memory, RedisUnit Redis);

/// <summary>The router: a look-up.</summary>
internal sealed record RouterUnit(double Nanoseconds);

/// <summary>The limiter in a process: a decision, and a key's window.</summary>
internal sealed record LimiterUnit(double Nanoseconds, double BytesPerKey);

/// <summary>The cache's memory level and admission in a process: a hit and an entry, an admission with its release and a seat.</summary>
internal sealed record MemoryUnit(double HitNanoseconds, double BytesPerEntry, double AdmitNanoseconds, double BytesPerSeat);

/// <summary>On Redis: bytes of a session and of a limiter's key, and what one server of this machine answers a second.</summary>
internal sealed record RedisUnit(double BytesPerSession, double BytesPerLimiterKey, double ReadsPerSecond, double DecisionsPerSecond);
