using Microsoft.Extensions.Options;
using ScaleKit.Admission;
using ScaleKit.Caching;
using ScaleKit.RateLimiting;

namespace ChatRooms;

/// <summary>Puts one snapshot together from the meters and from what the primitives tell of themselves.</summary>
internal sealed class SnapshotBuilder(
    AdmissionQueue queue, IOptionsMonitor<AdmissionOptions> admission, IOptionsMonitor<RateLimitOptions> limits, MeterTotals meters, SaturationBoard saturation,
    RoomCatalog catalog, WaitingList waiting, ConnectionRegistry connections, RowCounter rows, MigrationControl migration, KillSwitches switches,
    ChatOptions options, TimeProvider time)
{
    private const int LineShown = 24;

    private static readonly (string Instrument, string Name, string Label)[] Latencies =
    [
        (ChatMetrics.PostDuration, "post", "post → ack"),
        (ChatMetrics.JoinDuration, "join", "join → seat"),
        (ChatMetrics.SessionDuration, "session", "session check"),
        (ChatMetrics.HistoryDuration, "history", "history page"),
    ];

    private readonly long _started = time.GetTimestamp();

    public DashboardSnapshot Build()
    {
        var uptime = time.GetElapsedTime(_started);
        var now = queue.GetSnapshot();
        var rooms = now.Rooms.ToDictionary(room => room.Room, StringComparer.Ordinal);
        return new DashboardSnapshot
        {
            At = (long)uptime.TotalMilliseconds,
            UptimeSeconds = (long)uptime.TotalSeconds,
            Simulated = options.Simulate,
            Connections = connections.Open,
            Messages = meters.Total(ChatMetrics.Messages),
            Seats = new Gauge(now.Seats, now.TotalCapacity),
            Rooms = new Gauge(now.ActiveRooms, now.ActiveRoomCapacity),
            Waiting = new Gauge(now.Waiting, admission.CurrentValue.QueueCapacity),
            RoomCapacity = now.RoomCapacity,
            RoomList = [.. catalog.Names.Select(name => rooms.TryGetValue(name, out var room)
                ? new RoomView(name, room.Seats, room.Waiting)
                : new RoomView(name, 0, 0))],
            Line = [.. waiting.Front(LineShown).Select(person => new LineView($"{person.Arrival}", person.Nickname, person.Room, person.Position))],
            Cache = new CacheView(Cache("l1_hit"), Cache("l2_hit"), Cache("miss"), Cache("stale"), Cache("bypass")),
            Limits = [.. Policies.All.Select(Limit)],
            Latencies = [.. Latencies.Select(Latency)],
            Shards = rows.Read(),
            Migration = migration.Read(),
            Warnings = saturation.Read(now),
            Switches = switches.Read(),
        };
    }

    private long Cache(string result) => meters.Total(CachingDiagnostics.Requests, result);

    private LimitView Limit(string policy)
    {
        var policies = limits.CurrentValue.Policies;
        var limit = policies.TryGetValue(policy, out var own) ? own : policies[RateLimitPolicy.DefaultName];
        long Count(string result) => meters.Total(RateLimitingDiagnostics.Requests, policy, result);
        return new LimitView(policy, limit.Limit, limit.Window.TotalSeconds, Count("acquired"), Count("refused"), Count("bypass"));
    }

    private LatencyView Latency((string Instrument, string Name, string Label) one)
    {
        var (p50, p95, p99, count) = meters.Latency(one.Instrument).Read();
        return new LatencyView(one.Name, one.Label, p50, p95, p99, count);
    }
}
