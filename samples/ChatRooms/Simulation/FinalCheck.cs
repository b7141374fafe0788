using System.Net;
using ScaleKit.Admission;
using ScaleKit.RateLimiting;

namespace ChatRooms;

/// <summary>Compares what was promised with what is there: by the clients' notes, plain SQL and the public URLs, not by the library's counters.</summary>
internal sealed class FinalCheck(RunChecker checker, SeatCount seats, AdmissionOptions caps, RateLimitOptions limits, IEnumerable<string> files, Uri server, TimeProvider time)
{
    private int _lateUnseen;
    private int _limitsExceeded;

    /// <summary>What is counted apart and not held against the servers; nothing where nothing was done to them.</summary>
    public Excuses Excuses { get; init; } = new([], time);

    public async Task<Verdict> RunAsync(Action<double> show)
    {
        CheckCaps();
        show(0.2);
        var limitedKeys = CheckLimits();
        show(0.4);
        var rows = await StoredFiles.ReadAsync(files);
        var (lost, duplicated) = CheckMessages(rows);
        var unseen = CheckVisits(rows);
        show(0.7);
        var read = await CheckHistoryAsync(rows);
        show(1);
        return new Verdict
        {
            Users = checker.Users,
            Admitted = seats.Admitted,
            Queued = checker.Queued,
            Messages = checker.Messages.Count,
            Limited = checker.Limited,
            Lost = lost,
            Duplicated = duplicated,
            Unseen = unseen,
            LateUnseen = _lateUnseen,
            LimitsExceeded = _limitsExceeded,
            WithDoubtful = seats.WithDoubtful,
            MaximumInRoom = seats.MaximumInRoom,
            MaximumRooms = seats.MaximumRooms,
            MaximumTotal = seats.MaximumTotal,
            LimitedKeys = limitedKeys,
            HistoryRead = read,
            Broken = [.. checker.Broken],
        };
    }

    private void CheckCaps()
    {
        Require(seats.MaximumInRoom <= caps.RoomCapacity, $"{seats.MaximumInRoom} people sat in one room, the cap is {caps.RoomCapacity}");
        Require(seats.MaximumRooms <= caps.ActiveRooms, $"{seats.MaximumRooms} rooms were active, the cap is {caps.ActiveRooms}");
        Require(seats.MaximumTotal <= caps.TotalCapacity, $"{seats.MaximumTotal} people sat in all, the cap is {caps.TotalCapacity}");
        Require(seats.Seated == 0, $"{seats.Seated} seats are still taken although everybody left");
    }

    private int CheckLimits()
    {
        var keys = 0;
        foreach (var ((policy, key), accepted) in checker.Limits)
        {
            keys++;
            var limit = limits.Policies[policy];
            Require(!LimitProof.IsBroken(accepted, 2 * limit.Limit, limit.Window, time), $"{policy} let {key} do more than twice {limit.Limit} in {limit.Window}");
            var windows = LimitProof.Windows(accepted, limit.Limit, limit.Window, time).ToArray();
            Require(Array.TrueForAll(windows, window => Excuses.AllowBeyondLimit(window, limit.Window)), $"{policy} let {key} do more than {limit.Limit} in {limit.Window}");
            _limitsExceeded += windows.Length > 0 ? 1 : 0;
        }
        return keys;
    }

    private (int Lost, int Duplicated) CheckMessages(IReadOnlyList<StoredMessage> rows)
    {
        var byId = rows.ToLookup(row => row.Id, StringComparer.Ordinal);
        var lost = 0;
        foreach (var (id, promised) in checker.Messages)
        {
            var stored = byId[id].FirstOrDefault()?.Message;
            if (stored is not null && stored.UserId == promised.UserId && stored.Ref == promised.Ref && stored.Text == promised.Text)
                continue;
            lost++;
            checker.Broken.Enqueue(stored is null ? $"message {id} is lost" : $"message {id} holds something else than was acknowledged");
        }
        var twice = byId.Where(group => group.Count() > 1).Select(group => $"message {group.Key} lies on several shards")
            .Concat(rows.GroupBy(row => (row.Message.UserId, row.Message.Ref)).Where(group => group.Select(row => row.Id).Distinct(StringComparer.Ordinal).Count() > 1)
                .Select(group => $"one post was stored as {string.Join(" and ", group.Select(row => row.Id))}"))
            .ToArray();
        foreach (var line in twice)
            checker.Broken.Enqueue(line);
        return (lost, twice.Length);
    }

    /// <summary>Nobody misses what is said while in the room: from the first number that one was shown, or said, to the last, every stored one came.</summary>
    private int CheckVisits(IReadOnlyList<StoredMessage> rows)
    {
        var stored = rows.ToLookup(row => MessageKey.RoomOf(row.Id), row => MessageKey.NumberOf(row.Id), StringComparer.Ordinal);
        var unseen = 0;
        foreach (var visit in checker.Visits.Where(visit => !visit.Numbers.IsEmpty || !visit.Posted.IsEmpty))
        {
            var shown = visit.Numbers.ToHashSet();
            var known = shown.Concat(visit.Posted).Order().ToArray();
            var (first, last) = (known[0], known[^1]);
            foreach (var number in stored[visit.Room].Distinct().Where(number => number >= first && number <= last && !shown.Contains(number)))
            {
                if (Excuses.AllowUnseen(checker.Messages.GetValueOrDefault(MessageKey.Of(visit.Room, number))))
                {
                    _lateUnseen++;
                    continue;
                }
                unseen++;
                checker.Broken.Enqueue($"message {number} was not shown to somebody in {visit.Room} who saw or said {first} and {last}");
            }
        }
        return unseen;
    }

    /// <summary>The whole history of every room over HTTP, page by page: exactly what the files hold, once, newest first.</summary>
    private async Task<int> CheckHistoryAsync(IReadOnlyList<StoredMessage> rows)
    {
        using var addresses = new ClientAddresses();
        var read = 0;
        // From addresses of its own: the people have used up what theirs allow.
        var person = 2 * CommandLineParser.MostPeople;
        foreach (var room in rows.GroupBy(row => MessageKey.RoomOf(row.Id), StringComparer.Ordinal))
        {
            // A session per room: the limit on history is per person.
            var http = addresses.Of(person += ClientAddresses.PeoplePerAddress);
            var reader = new HistoryReader(server, http, await OpenSessionAsync(http), checker, time);
            var shown = await reader.WalkAsync(room.Key, pages: int.MaxValue, pageSize: 50, CancellationToken.None);
            read += shown.Count;
            Require(
                shown.SequenceEqual(room.Select(row => row.Id).OrderDescending(StringComparer.Ordinal), StringComparer.Ordinal),
                $"the history of {room.Key} shows {shown.Count} messages, the files hold {room.Count()}, or in another order");
        }
        return read;
    }

    private async Task<SessionAnswer> OpenSessionAsync(HttpClient http)
    {
        while (true)
        {
            using var answer = await http.PostAsJsonAsync(new Uri(server, "api/sessions"), new SessionRequest("Checker"), ChatJson.Default.SessionRequest);
            if (answer.StatusCode != HttpStatusCode.TooManyRequests)
            {
                answer.EnsureSuccessStatusCode();
                return (await answer.Content.ReadFromJsonAsync(ChatJson.Default.SessionAnswer))!;
            }
            await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), time);
        }
    }

    private void Require(bool holds, string broken)
    {
        if (!holds)
            checker.Broken.Enqueue(broken);
    }
}
