namespace ChatRooms;

/// <summary>What the page shows, once a second.</summary>
internal sealed record DashboardSnapshot
{
    /// <summary>Milliseconds since the program's start: the page computes rates with it.</summary>
    public required long At { get; init; }
    public required long UptimeSeconds { get; init; }
    public required int Simulated { get; init; }
    public required int Connections { get; init; }
    public required long Messages { get; init; }
    public required Gauge Seats { get; init; }
    public required Gauge Rooms { get; init; }
    public required Gauge Waiting { get; init; }
    public required int RoomCapacity { get; init; }
    public required IReadOnlyList<RoomView> RoomList { get; init; }
    public required IReadOnlyList<LineView> Line { get; init; }
    public required CacheView Cache { get; init; }
    public required IReadOnlyList<LimitView> Limits { get; init; }
    public required IReadOnlyList<LatencyView> Latencies { get; init; }
    public required IReadOnlyList<ShardView> Shards { get; init; }
    public required MigrationView Migration { get; init; }
    public required IReadOnlyList<WarningView> Warnings { get; init; }
    public required IReadOnlyDictionary<string, bool> Switches { get; init; }
}

internal sealed record Gauge(int Taken, int Cap);

internal sealed record RoomView(string Name, int Seats, int Waiting);

internal sealed record LineView(string Key, string Nickname, string Room, int Position);

internal sealed record CacheView(long L1, long L2, long Miss, long Stale, long Bypass);

internal sealed record LimitView(string Name, long Limit, double Window, long Acquired, long Refused, long Bypass);

internal sealed record LatencyView(string Name, string Label, double P50, double P95, double P99, long Count);

internal sealed record ShardView(string Name, long Rows, bool Old);

internal sealed record WarningView(string What, string Text);

internal sealed record MigrationView(
    string Phase, bool Running, double Progress, string Text, long RemainingMilliseconds, long Copied, long Compared, long Differences, long Lost);
