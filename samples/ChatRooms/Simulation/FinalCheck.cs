using Microsoft.Extensions.Options;
using ScaleKit.Admission;
using ScaleKit.RateLimiting;

namespace ChatRooms;

/// <summary>Compares what was promised with what is there: by the clients' notes, plain SQL and the public URLs, not by the library's counters.</summary>
internal sealed class FinalCheck(WebApplication app, Uri server)
{
    private readonly RunChecker _checker = app.Services.GetRequiredService<RunChecker>();
    private readonly SeatLedger _seats = app.Services.GetRequiredService<SeatLedger>();
    private readonly TimeProvider _time = app.Services.GetRequiredService<TimeProvider>();

    public async Task<Verdict> RunAsync(Action<double> show)
    {
        CheckCaps(app.Services.GetRequiredService<IOptions<AdmissionOptions>>().Value);
        show(0.2);
        var limitedKeys = CheckLimits(app.Services.GetRequiredService<IOptions<RateLimitOptions>>().Value);
        show(0.4);
        var (lost, duplicated, rows) = await CheckMessagesAsync();
        show(0.7);
        var read = await CheckHistoryAsync(rows);
        await app.Services.GetRequiredService<RowCounter>().CountAsync(CancellationToken.None);
        show(1);
        var snapshot = app.Services.GetRequiredService<SnapshotBuilder>().Build();
        return new Verdict
        {
            Users = _checker.Users,
            Admitted = _seats.Admitted,
            Queued = _checker.Queued,
            Messages = _checker.Messages.Count,
            Limited = _checker.Limited,
            Lost = lost,
            Duplicated = duplicated,
            MaximumInRoom = _seats.MaximumInRoom,
            MaximumRooms = _seats.MaximumRooms,
            MaximumTotal = _seats.MaximumTotal,
            LimitedKeys = limitedKeys,
            HistoryRead = read,
            Shards = snapshot.Shards,
            Migration = snapshot.Migration,
            Latencies = snapshot.Latencies,
            Broken = [.. _checker.Broken],
        };
    }

    private void CheckCaps(AdmissionOptions caps)
    {
        Require(_seats.MaximumInRoom <= caps.RoomCapacity, $"{_seats.MaximumInRoom} people sat in one room, the cap is {caps.RoomCapacity}");
        Require(_seats.MaximumRooms <= caps.ActiveRooms, $"{_seats.MaximumRooms} rooms were active, the cap is {caps.ActiveRooms}");
        Require(_seats.MaximumTotal <= caps.TotalCapacity, $"{_seats.MaximumTotal} people sat in all, the cap is {caps.TotalCapacity}");
        Require(_seats.Seated == 0, $"{_seats.Seated} seats are still taken although everybody left");
    }

    private int CheckLimits(RateLimitOptions limits)
    {
        var keys = 0;
        foreach (var ((policy, key), accepted) in _checker.Limits)
        {
            keys++;
            var limit = limits.Policies[policy];
            Require(!LimitProof.IsBroken(accepted, limit.Limit, limit.Window, _time), $"{policy} let {key} do more than {limit.Limit} in {limit.Window}");
        }
        return keys;
    }

    private async Task<(int Lost, int Duplicated, IReadOnlyList<StoredMessage> Rows)> CheckMessagesAsync()
    {
        var rows = await ShardFiles.ReadAsync(app.Services.GetRequiredService<DataFolder>());
        var byId = rows.ToLookup(row => row.Id, StringComparer.Ordinal);
        var lost = 0;
        foreach (var (id, promised) in _checker.Messages)
        {
            var stored = byId[id].FirstOrDefault()?.Message;
            if (stored is not null && stored.UserId == promised.UserId && stored.Ref == promised.Ref && stored.Text == promised.Text)
                continue;
            lost++;
            _checker.Broken.Enqueue(stored is null ? $"message {id} is lost" : $"message {id} holds something else than was acknowledged");
        }
        var twice = byId.Where(group => group.Count() > 1).Select(group => $"message {group.Key} lies on several shards")
            .Concat(rows.GroupBy(row => (row.Message.UserId, row.Message.Ref)).Where(group => group.Select(row => row.Id).Distinct(StringComparer.Ordinal).Count() > 1)
                .Select(group => $"one post was stored as {string.Join(" and ", group.Select(row => row.Id))}"))
            .ToArray();
        foreach (var line in twice)
            _checker.Broken.Enqueue(line);
        return (lost, twice.Length, rows);
    }

    /// <summary>The whole history of every room over HTTP, page by page: exactly what the files hold, once, newest first.</summary>
    private async Task<int> CheckHistoryAsync(IReadOnlyList<StoredMessage> rows)
    {
        using var addresses = new ClientAddresses();
        var sessions = app.Services.GetRequiredService<SessionService>();
        var read = 0;
        var person = 0;
        foreach (var room in rows.GroupBy(row => MessageKey.RoomOf(row.Id), StringComparer.Ordinal))
        {
            // A session per room: the limit on history is per person.
            var (token, session) = await sessions.OpenAsync("Checker", CancellationToken.None);
            var reader = new HistoryReader(server, addresses.Of(person++), new SessionAnswer(token, session.UserId, session.Nickname), _checker, _time);
            var shown = await reader.WalkAsync(room.Key, pages: int.MaxValue, pageSize: 50, CancellationToken.None);
            read += shown.Count;
            Require(
                shown.SequenceEqual(room.Select(row => row.Id).OrderDescending(StringComparer.Ordinal), StringComparer.Ordinal),
                $"the history of {room.Key} shows {shown.Count} messages, the files hold {room.Count()}, or in another order");
        }
        return read;
    }

    private void Require(bool holds, string broken)
    {
        if (!holds)
            _checker.Broken.Enqueue(broken);
    }
}
