namespace ChatRooms;

/// <summary>
/// Counts who sits where at the sockets, apart from the library's own counters, to check them: a person is entered after the
/// admission and struck off before the seat is given back, so a count above a cap means that the cap was broken.
/// </summary>
internal sealed class SeatLedger
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _seats = new(StringComparer.Ordinal);
    private int _total;

    public int MaximumInRoom { get; private set; }

    public int MaximumRooms { get; private set; }

    public int MaximumTotal { get; private set; }

    public long Admitted { get; private set; }

    public int Seated
    {
        get
        {
            lock (_lock)
                return _total;
        }
    }

    public SeatCount Read()
    {
        lock (_lock)
            return new SeatCount(Admitted, MaximumInRoom, MaximumRooms, MaximumTotal, _total);
    }

    public void Enter(string room)
    {
        lock (_lock)
        {
            var seats = _seats[room] = _seats.GetValueOrDefault(room) + 1;
            Admitted++;
            MaximumInRoom = Math.Max(MaximumInRoom, seats);
            MaximumRooms = Math.Max(MaximumRooms, _seats.Count);
            MaximumTotal = Math.Max(MaximumTotal, ++_total);
        }
    }

    public void Leave(string room)
    {
        lock (_lock)
        {
            _total--;
            if (--_seats[room] == 0)
                _seats.Remove(room);
        }
    }
}
