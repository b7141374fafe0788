namespace ScaleKit.Admission;

/// <summary>The kinds of <see cref="SeatAction"/>.</summary>
public enum SeatActionKind
{
    /// <summary>One visitor wants a seat, and waits for it if it may. Answered.</summary>
    Enter = 1,

    /// <summary>One visitor leaves the line.</summary>
    Withdraw = 2,

    /// <summary>One seat is given back.</summary>
    GiveBack = 3,

    /// <summary>The node holds so many seats of the room, whatever the caps are. Only when joining.</summary>
    Hold = 4,

    /// <summary>Asks for the place of one who waits. Answered.</summary>
    Locate = 6,

    /// <summary>The room has so many seats of its own from now on.</summary>
    Resize = 7,
}
