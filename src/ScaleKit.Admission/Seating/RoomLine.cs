namespace ScaleKit.Admission;

/// <summary>A first-in-first-out line of rooms, linked through the rooms themselves: every operation is O(1) and allocates nothing.</summary>
internal sealed class RoomLine
{
    public Room? First { get; private set; }

    public int Count { get; private set; }

    private Room? Last { get; set; }

    public void Append(Room room, long turn)
    {
        room.Line = this;
        room.Turn = turn;
        room.Previous = Last;
        _ = Last is null ? First = room : Last.Next = room;
        Last = room;
        Count++;
    }

    public void Remove(Room room)
    {
        _ = room.Previous is null ? First = room.Next : room.Previous.Next = room.Next;
        _ = room.Next is null ? Last = room.Previous : room.Next.Previous = room.Previous;
        room.Line = null;
        room.Previous = null;
        room.Next = null;
        Count--;
    }
}
