namespace ScaleKit.Admission;

/// <summary>One room: its seats, its waiting line, and its own place in at most one line of rooms. Guarded by the queue's lock, but for the loan and the stock.</summary>
internal sealed class Room(AdmissionQueue queue, string name, int capacity)
{
    private RoomQueue _queue;
    private SeatLoan _loan;
    private SeatStock _stock;

    public AdmissionQueue Queue { get; } = queue;

    public string Name { get; } = name;

    public int Capacity { get; set; } = capacity;

    /// <summary>Seats taken by the books: while the room has a loan, all that are lent.</summary>
    public int Seats { get; set; }

    public int Waiting => _queue.Count;

    public bool IsSaturated { get; set; }

    /// <summary>Whether listeners know the room as one in use.</summary>
    public bool IsAnnounced { get; set; }

    /// <summary>Whether the room was forgotten. Whoever found it without the lock must look again.</summary>
    public bool IsForgotten { get; set; }

    /// <summary>Watchers of waiters of this room: a room that nobody watches is left out of progress sweeps.</summary>
    public int Watchers { get; set; }

    /// <summary>Rooms before this one in its line, valid within the sweep that wrote it.</summary>
    public int Rank { get; set; }

    /// <summary>How many it may have seated in one turn.</summary>
    public int Weight { get; set; } = 1;

    /// <summary>How many it had seated in this turn.</summary>
    public int SeatedInTurn { get; set; }

    /// <summary>When the room was last waited for after nobody had waited.</summary>
    public TimeSpan WaitedForSince { get; set; }

    /// <summary>When listeners were told that the room is in use.</summary>
    public TimeSpan InUseSince { get; set; }

    /// <summary>The seat or the waiter of each client, where the queue looks at clients.</summary>
    public Dictionary<string, TimedEntry>? Clients { get; set; }

    public RoomLine? Line { get; set; }

    public Room? Previous { get; set; }

    public Room? Next { get; set; }

    /// <summary>When the room came to the end of its line: a smaller number is served first.</summary>
    public long Turn { get; set; }

    /// <summary>Those who wait for the room.</summary>
    public ref RoomQueue Visitors => ref _queue;

    /// <summary>Not guarded: seats that the room gives out without the lock.</summary>
    public ref SeatLoan Loan => ref _loan;

    /// <summary>Not guarded: what a lease stands for, after a seat was taken in the books or from the loan.</summary>
    public Seat TakeSeat() => _stock.TryRent() ?? new Seat(this);

    /// <summary>Not guarded.</summary>
    public void TakeBack(Seat seat) => _stock.Return(seat);
}
