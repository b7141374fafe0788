namespace ScaleKit.Admission;

/// <content>
/// Loans: while nothing is near its end, a room that is in use is lent a few seats more than it needs and gives them out without the lock. By the books all
/// of them are taken, so no cap can be exceeded. Whenever the books say no, or would raise an alert, all loans are called in first: then the books are exact.
/// </content>
internal sealed partial class Seating
{
    internal const int MostLoans = 1024;
    private const int Chunk = 64;

    private readonly RoomLine _lent = new();

    /// <summary>Whether loans are given at all: not while the switch is off or somebody must be told of each seat.</summary>
    public bool Lends { get; set; } = true;

    /// <summary>Whether rooms give out seats by themselves now, so that the books may say more than there is.</summary>
    public bool HasLoans => _lent.Count > 0;

    /// <summary>
    /// Lends the room seats, if nobody waits whom that could keep out, and if even with all of them taken no cap were at more than 70 % (the room's own: below
    /// 80 %). So as long as there are loans nothing can happen that anybody would have to be told of.
    /// </summary>
    public void Lend(Room room)
    {
        if (!Lends || IsUnlimited || room.Line is not null || room.IsSaturated || room.Seats == 0
            || Ready.First is not null || Parked.First is not null
            || saturation.TotalSaturated || saturation.ActiveRoomsSaturated || ActiveRooms * 10L > ActiveRoomCapacity * 7L)
        {
            return;
        }

        // Rounded up, less one: the most seats that are below 80 %.
        var most = (int)(((room.Capacity * 8L) + 9) / 10) - 1;
        var spare = (TotalCapacity * 7L / 10) - Seats;
        var lent = (int)Math.Min(Math.Min(most, SeatLoan.Most), room.Seats + Math.Min(spare, Chunk));
        if (lent <= room.Seats)
        {
            return;
        }

        if (_lent.Count >= MostLoans)
        {
            Recall(_lent.First!);
        }

        room.Loan.Open(lent, room.Seats, keepsOne: TellsOfRooms);
        Seats += lent - room.Seats;
        room.Seats = lent;
        _lent.Append(room, ++_turn);
    }

    /// <summary>Ends the room's loan, if it has one: from here on its books are exact and every step takes the lock.</summary>
    public void Recall(Room room)
    {
        if (room.Line == _lent)
        {
            CallIn(room);
        }
    }

    private void CallIn(Room room)
    {
        var (lent, taken, releases) = room.Loan.Close();
        Seats -= lent - taken;
        room.Seats = taken;
        Releases += releases;
        if (taken == 0)
        {
            ActiveRooms--;
            Closures++;
            Changed(room);
        }

        Place(room);
    }

    /// <summary>Ends all loans. Costs a step for each, and each was given in a step of its own, so this is O(1) in the mean.</summary>
    public void RecallAll()
    {
        while (_lent.First is { } room)
        {
            Recall(room);
        }
    }
}
