namespace ChatRooms;

/// <summary>The figures of a run and what was broken in it.</summary>
internal sealed record Verdict
{
    public required int Users { get; init; }
    public required long Admitted { get; init; }
    public required long Queued { get; init; }
    public required int Messages { get; init; }
    public required long Limited { get; init; }
    public required int Lost { get; init; }
    public required int Duplicated { get; init; }
    public required int MaximumInRoom { get; init; }
    public required int MaximumRooms { get; init; }
    public required int MaximumTotal { get; init; }
    public required int LimitedKeys { get; init; }
    public required int HistoryRead { get; init; }
    public required int Unseen { get; init; }

    /// <summary>The most seats with those that a disturbance makes doubtful.</summary>
    public (int InRoom, int Rooms, int Total) WithDoubtful { get; init; }

    /// <summary>Messages that somebody in the room was not shown because a disturbance held them back.</summary>
    public int LateUnseen { get; init; }

    /// <summary>Keys that exceeded their limit around a disturbance, at most twice over.</summary>
    public int LimitsExceeded { get; init; }
    public IReadOnlyList<ShardView> Shards { get; init; } = [];
    public MigrationView? Migration { get; init; }
    public IReadOnlyList<LatencyView> Latencies { get; init; } = [];
    public required IReadOnlyList<string> Broken { get; init; }

    public string ResultLine =>
        $"RESULT users={Users} admitted={Admitted} queued={Queued} messages={Messages} lost={Lost} duplicated={Duplicated} unseen={Unseen} "
        + $"max_room={MaximumInRoom} max_total={MaximumTotal} limited={Limited}";
}
