namespace ScaleKit.Analysis.Admission;

/// <summary>What one writes by hand for two caps: wait for a place in all, then for one in the room. Who waits for a full room keeps a place that nobody uses.</summary>
internal sealed class TwoSemaphores(int seats, int roomSeats) : ISeatLine
{
    private readonly OneLine _all = new(seats);
    private readonly Dictionary<int, OneLine> _rooms = [];
    private readonly Dictionary<int, int> _roomOf = [];
    private readonly HashSet<int> _inRoomLine = [];

    public IReadOnlyList<int> Enter(int visitor, int room)
    {
        _roomOf[visitor] = room;
        return ToRooms(_all.Enter(visitor, room));
    }

    public IReadOnlyList<int> GiveUp(int visitor)
    {
        if (!_inRoomLine.Remove(visitor))
        {
            _roomOf.Remove(visitor);
            return _all.GiveUp(visitor);
        }

        RoomOf(visitor).GiveUp(visitor);
        _roomOf.Remove(visitor);
        return ToRooms(_all.Release(visitor));
    }

    public IReadOnlyList<int> Release(int visitor)
    {
        var granted = RoomOf(visitor).Release(visitor);
        _inRoomLine.ExceptWith(granted);
        _roomOf.Remove(visitor);
        return [.. granted, .. ToRooms(_all.Release(visitor))];
    }

    public void Advance(TimeSpan by)
    {
    }

    private List<int> ToRooms(IReadOnlyList<int> visitors)
    {
        var granted = new List<int>();
        foreach (var visitor in visitors)
        {
            _inRoomLine.Add(visitor);
            granted.AddRange(RoomOf(visitor).Enter(visitor, room: 0));
        }

        _inRoomLine.ExceptWith(granted);
        return granted;
    }

    private OneLine RoomOf(int visitor) =>
        _rooms.TryGetValue(_roomOf[visitor], out var room) ? room : _rooms[_roomOf[visitor]] = new OneLine(roomSeats);
}
