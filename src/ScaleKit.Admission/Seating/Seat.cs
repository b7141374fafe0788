namespace ScaleKit.Admission;

/// <summary>
/// What stands behind a lease. The room uses it again for later leases, which costs nothing; its finalizer runs only when somebody lost a lease without
/// disposing it, because a seat that is not taken is always held by its room.
/// </summary>
internal sealed class Seat(Room room) : TimedEntry
{
    // Odd while taken. One compare-and-swap decides between all ways to end a lease, and a stale lease no longer fits.
    private int _generation;
    private long _lastBeat;

#pragma warning disable MA0055 // The one way to notice that an application has lost a lease; see the summary for why it costs nothing.
    ~Seat()
#pragma warning restore MA0055
    {
        if (IsTaken)
        {
            Room.Queue.Lost(this, _generation);
        }
    }

    public Room Room { get; } = room;

    /// <summary>The lease whose seat was taken away; 0 while none was.</summary>
    public int LostGeneration { get; set; }

    /// <summary>The lease for which the seat stands on the wheel and among the clients.</summary>
    public int HeldGeneration { get; set; }

    /// <summary>When the seat is taken away at the latest, by the queue's clock; only where there is a longest hold.</summary>
    public TimeSpan HoldEnds { get; set; }

    /// <summary>Ticks of the queue's clock at the last sign of life. Written without the lock.</summary>
    public long LastBeat { get => Volatile.Read(ref _lastBeat); set => Volatile.Write(ref _lastBeat, value); }

    /// <summary>Who sits here, where the room looks at clients.</summary>
    public string? ClientId { get; set; }

    /// <summary>Tells the holder that the seat was taken away; made when first asked for.</summary>
    public CancellationTokenSource? LostSource { get; set; }

    /// <summary>Where seats are shared: the tenure of the node for which this one was counted.</summary>
    public SeatTenure? Tenure { get; set; }

    /// <summary>Where the lease was given, if that is remembered.</summary>
    public string? GivenAt { get; set; }

    public int Generation => Volatile.Read(ref _generation);

    public bool IsTaken => (Generation & 1) != 0;

    /// <summary>Begins a lease and returns its generation. By the one thread that has taken the seat from the room's stock or made it.</summary>
    public int Begin()
    {
        var next = _generation + 1;
        Volatile.Write(ref _generation, next);
        return next;
    }

    /// <summary>The room keeps it no longer.</summary>
#pragma warning disable CA1816 // Not disposed, but for good without a lease.
    public void LetGo() => GC.SuppressFinalize(this);
#pragma warning restore CA1816

    /// <summary>Ends the lease of that generation; true for one caller only.</summary>
    public bool TryEnd(int generation) => Interlocked.CompareExchange(ref _generation, generation + 1, generation) == generation;
}
