namespace ChatRooms;

/// <summary>
/// Counts the seats of the people's notes over time. A seat is doubtful where docs/admission.md lets it stand beyond a cap: granted while Redis was away
/// (the node's share of what was free) or just before (the grant may be forgotten), or held by a node that stood still for longer than its lease. All others must keep the caps.
/// </summary>
internal sealed class SeatHistory(IReadOnlyCollection<RunChecker.Visit> visits, IReadOnlyList<Disturbance> disturbances, TimeSpan lease, TimeProvider time)
{
    // A node beats twice a second, and a failing call is given up after a second: so much earlier it may have been heard of for the last time.
    private readonly long _slack = 2 * time.TimestampFrequency;
    private readonly long _lease = (long)(lease.TotalSeconds * time.TimestampFrequency);

    public SeatCount Count()
    {
        var sure = Most(visits.Select(visit => (visit.Room, visit.From, Math.Min(visit.Until, DoubtfulFrom(visit)))));
        var all = Most(visits.Select(visit => (visit.Room, visit.From, visit.Until)));
        return new SeatCount(visits.Count, sure.InRoom, sure.Rooms, sure.Total, visits.Count(visit => visit.Until == long.MaxValue)) { WithDoubtful = all };
    }

    private long DoubtfulFrom(RunChecker.Visit visit) => disturbances.Select(disturbance => disturbance.Kind switch
    {
        DisturbanceKind.RedisGone when disturbance.Meets(visit.From, visit.From + _slack) => visit.From,
        DisturbanceKind.NodeStopped when disturbance.Node == visit.Node && disturbance.Meets(visit.From, visit.Until) => disturbance.From + _lease - _slack,
        _ => long.MaxValue,
    }).Append(long.MaxValue).Min();

    private static (int InRoom, int Rooms, int Total) Most(IEnumerable<(string Room, long From, long Until)> seats)
    {
        var steps = seats.Where(seat => seat.From < seat.Until)
            .SelectMany(seat => ((long At, int Change, string Room)[])[(seat.From, 1, seat.Room), (seat.Until, -1, seat.Room)])
            // Who leaves at the same tick makes room for who comes.
            .OrderBy(step => step.At).ThenBy(step => step.Change);
        var (rooms, total) = (new Dictionary<string, int>(StringComparer.Ordinal), 0);
        var most = (InRoom: 0, Rooms: 0, Total: 0);
        foreach (var (_, change, room) in steps)
        {
            total += change;
            var seated = rooms[room] = rooms.GetValueOrDefault(room) + change;
            if (seated == 0)
                rooms.Remove(room);
            most = (Math.Max(most.InRoom, seated), Math.Max(most.Rooms, rooms.Count), Math.Max(most.Total, total));
        }
        return most;
    }
}
