namespace ScaleKit.Admission.Tests;

/// <summary>
/// The rules again, without any cleverness: plain lists, looked through from the start each time. Rooms that wait stand in one list by turn; who is next is the
/// first that may.
/// </summary>
internal sealed class ReferenceQueue(int room, int rooms, int total, IDictionary<string, int> weights)
{
    private readonly List<(string Room, int Id)> _line = [];
    private readonly List<string> _seats = [];
    private readonly List<string> _turns = [];
    private readonly HashSet<string> _slotless = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _served = new(StringComparer.Ordinal);

    public int RoomCapacity { get; set; } = room;

    public int ActiveRooms { get; set; } = rooms;

    public int TotalCapacity { get; set; } = total;

    public IReadOnlyList<(string Room, int Id)> Line => _line;

    public int Seats => _seats.Count;

    /// <summary>The visitors that were seated, in order.</summary>
    public List<int> Grants { get; } = [];

    public void Enter(string name, int id)
    {
        // One who comes back stands where it stood.
        var after = _line.FindIndex(visitor => visitor.Id > id);
        _line.Insert(after < 0 ? _line.Count : after, (name, id));
        if (_line.Count(visitor => Same(visitor.Room, name)) == 1 && SeatsOf(name) < RoomCapacity)
        {
            Append(name);
        }

        Serve();
    }

    public void Leave(int id)
    {
        var name = _line.Find(visitor => visitor.Id == id).Room;
        _ = _line.RemoveAll(visitor => visitor.Id == id);
        if (name is not null && !_line.Exists(visitor => Same(visitor.Room, name)))
        {
            Forget(name);
        }
    }

    public void Release(string name)
    {
        _ = _seats.Remove(name);
        if (_line.Exists(visitor => Same(visitor.Room, name)) && SeatsOf(name) == RoomCapacity - 1)
        {
            Append(name);
        }

        Serve();
    }

    public void Serve()
    {
        while (NextRoom() is { } name)
        {
            var visitor = _line.Find(visitor => Same(visitor.Room, name));
            _ = _line.Remove(visitor);
            _seats.Add(name);
            Grants.Add(visitor.Id);
            var goesOn = SeatsOf(name) < RoomCapacity && _line.Exists(other => Same(other.Room, name));
            var served = _served[name] = _served.GetValueOrDefault(name) + 1;
            if (goesOn && !_slotless.Contains(name) && served < (weights.TryGetValue(name, out var weight) ? weight : 1))
            {
                continue;
            }

            Forget(name);
            if (goesOn)
            {
                Append(name);
            }
        }
    }

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.Ordinal);

    private string? NextRoom()
    {
        if (_seats.Count >= TotalCapacity)
        {
            return null;
        }

        // A room that has emptied stands in its turn until that comes without a slot; from then on it waits for a slot with the others.
        while (!HasSlot() && _turns.Find(name => !_slotless.Contains(name)) is { } first && SeatsOf(first) == 0)
        {
            Forget(first);
            Append(first);
        }

        return _turns.Find(name => SeatsOf(name) > 0 || HasSlot());
    }

    private bool HasSlot() => _seats.Distinct(StringComparer.Ordinal).Count() < ActiveRooms;

    private int SeatsOf(string name) => _seats.Count(seat => Same(seat, name));

    private void Append(string name)
    {
        _turns.Add(name);
        _served[name] = 0;
        if (SeatsOf(name) == 0)
        {
            _ = _slotless.Add(name);
        }
    }

    private void Forget(string name)
    {
        _ = _turns.Remove(name);
        _ = _slotless.Remove(name);
    }
}
