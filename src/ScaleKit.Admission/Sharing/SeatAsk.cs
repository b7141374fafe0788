namespace ScaleKit.Admission;

/// <summary>
/// What was asked of the store for one visitor. It outlives the waiter, which serves another visitor as soon as it was told: an answer that comes for one who has
/// gone finds nobody here. Guarded by the queue's lock.
/// </summary>
internal sealed class SeatAsk(Waiter waiter, string room, bool mayWait)
{
    /// <summary>Who asked; null once it has gone.</summary>
    public Waiter? Waiter { get; set; } = waiter;

    public string Room { get; } = room;

    public AdmissionPriority Priority { get; } = waiter.Priority;

    public bool MayWait { get; } = mayWait;

    /// <summary>The number in the line of the store; 0 while it was not told. It is kept over epochs, and with it the place.</summary>
    public long Number { get; set; }

    /// <summary>The place in the room's line as last told; 0 while the store does not decide.</summary>
    public int Place { get; set; }

    public AdmissionCap Cap { get; set; }

    /// <summary>Whether the store has not answered yet, so that nobody knows which cap binds.</summary>
    public bool IsOpen { get; set; } = true;

    /// <summary>Whether the visitor stands in the line of the store, or nobody knows yet; otherwise the queue's own line counts.</summary>
    public bool IsWithStore => IsOpen || Place > 0;

    public SeatAction ToAction(SeatActionKind kind, int capacity = 0) =>
        new(kind, Room) { Priority = Priority, MayWait = MayWait, Number = Number, Capacity = capacity };
}
