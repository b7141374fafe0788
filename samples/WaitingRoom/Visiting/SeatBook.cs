namespace WaitingRoom;

/// <summary>
/// Who surely sits where, from outside: from the moment at which a visitor has read that it is seated until it begins to leave, its server is killed, or all are
/// sent away. The caps are judged by it. Thread-safe.
/// </summary>
internal sealed class SeatBook
{
    private readonly Lock _gate = new();
    private readonly HashSet<Seat> _seats = [];
    private readonly HashSet<Node> _dead = [];
    private bool _isOver;

    /// <summary>The most at once in all rooms.</summary>
    public int Most { get; private set; }

    /// <summary>The most at once in one room.</summary>
    public int MostInRoom { get; private set; }

    /// <summary>The most rooms in use at once.</summary>
    public int MostRooms { get; private set; }

    /// <summary>Who sat where when a cap was exceeded for the first time; null when none was.</summary>
    public string? Excess { get; private set; }

    public Seat Take(Node node, string room)
    {
        var seat = new Seat(node, room);
        lock (_gate)
        {
            // A word from a server that is dead by now, or to somebody who is leaving with all the others: such a seat may be another's already.
            if (!_isOver && !_dead.Contains(node))
                _seats.Add(seat);
            Most = Math.Max(Most, _seats.Count);
            MostInRoom = Math.Max(MostInRoom, _seats.Count(other => string.Equals(other.Room, room, StringComparison.Ordinal)));
            MostRooms = Math.Max(MostRooms, _seats.Select(other => other.Room).Distinct(StringComparer.Ordinal).Count());
            if (Most > NodeApp.TotalCapacity || MostInRoom > NodeApp.RoomCapacity || MostRooms > NodeApp.ActiveRooms)
                Excess ??= string.Join(", ", _seats.Select(other => $"{other.Node.Name}:{other.Room}").Order(StringComparer.Ordinal)) + $"; the last was {node.Name}:{room}";
        }

        return seat;
    }

    public void GiveBack(Seat seat)
    {
        lock (_gate)
        {
            _seats.Remove(seat);
        }
    }

    /// <returns>How many sat there.</returns>
    public int Dies(Node node)
    {
        lock (_gate)
        {
            _dead.Add(node);
            return _seats.RemoveWhere(seat => ReferenceEquals(seat.Node, node));
        }
    }

    /// <summary>All are sent away: from now on nobody surely sits.</summary>
    public void Ends()
    {
        lock (_gate)
        {
            _isOver = true;
            _seats.Clear();
        }
    }

    public int Count(Node? node = null, string? room = null)
    {
        lock (_gate)
        {
            return _seats.Count(seat => (node is null || ReferenceEquals(seat.Node, node)) && (room is null || string.Equals(seat.Room, room, StringComparison.Ordinal)));
        }
    }

    /// <summary>One seat; each is another, also in the same room.</summary>
    internal sealed class Seat(Node node, string room)
    {
        public Node Node { get; } = node;

        public string Room { get; } = room;
    }
}
