namespace ScaleKit.Admission;

/// <summary>One room: its seats, its waiting line, and its own place in at most one line of rooms. Guarded by the queue's lock.</summary>
internal sealed class Room(string name)
{
    public string Name { get; } = name;

    public int Seats { get; set; }

    public int Waiting { get; private set; }

    public Waiter? First { get; private set; }

    public Waiter? Last { get; private set; }

    public bool IsSaturated { get; set; }

    /// <summary>Watchers of waiters of this room: a room that nobody watches is left out of progress sweeps.</summary>
    public int Watchers { get; set; }

    /// <summary>Rooms before this one in its line, valid within the sweep that wrote it.</summary>
    public int Rank { get; set; }

    public RoomLine? Line { get; set; }

    public Room? Previous { get; set; }

    public Room? Next { get; set; }

    /// <summary>When the room came to the end of its line: a smaller number is served first.</summary>
    public long Turn { get; set; }

    public void Append(Waiter waiter)
    {
        waiter.Previous = Last;
        _ = Last is null ? First = waiter : Last.Next = waiter;
        Last = waiter;
        waiter.IsLinked = true;
        Waiting++;
    }

    public void Remove(Waiter waiter)
    {
        _ = waiter.Previous is null ? First = waiter.Next : waiter.Previous.Next = waiter.Next;
        _ = waiter.Next is null ? Last = waiter.Previous : waiter.Next.Previous = waiter.Previous;

        // A left-over link would keep every later visitor alive as long as somebody holds this ticket.
        waiter.Previous = null;
        waiter.Next = null;
        waiter.IsLinked = false;
        Waiting--;
    }
}
