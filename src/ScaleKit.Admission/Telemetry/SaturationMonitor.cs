using Microsoft.Extensions.Logging;

namespace ScaleKit.Admission;

/// <summary>
/// Raises at 80 % and clears at 70 %, per cap, so that a value that swings around one threshold says it once. Observing is guarded by the queue's
/// lock; the events, those of rooms too, wait in order and are raised outside it by one thread at a time.
/// </summary>
internal sealed class SaturationMonitor(ILogger logger, Action<EventArgs> raise, Func<bool> isHeard)
{
    private readonly Lock _raising = new();
    private readonly Queue<EventArgs> _pending = new();
    private bool _isRaising;
    private volatile int _pendingCount;

    public bool ActiveRoomsSaturated { get; private set; }

    public bool TotalSaturated { get; private set; }

    public int SaturatedRooms { get; private set; }

    public bool HasPending => _pendingCount > 0;

    public void ObserveRoom(Room room, int capacity)
    {
        if (Changes(room.IsSaturated, room.Seats, capacity))
        {
            room.IsSaturated = !room.IsSaturated;
            SaturatedRooms += room.IsSaturated ? 1 : -1;
            if (isHeard())
            {
                Post(AdmissionCap.Room, room.IsSaturated, room.Name, room.Seats, capacity);
            }
        }
    }

    public void ObserveActiveRooms(int used, int capacity)
    {
        if (Changes(ActiveRoomsSaturated, used, capacity))
        {
            ActiveRoomsSaturated = !ActiveRoomsSaturated;
            Post(AdmissionCap.ActiveRooms, ActiveRoomsSaturated, room: null, used, capacity);
        }
    }

    public void ObserveTotal(int used, int capacity)
    {
        if (Changes(TotalSaturated, used, capacity))
        {
            TotalSaturated = !TotalSaturated;
            Post(AdmissionCap.Total, TotalSaturated, room: null, used, capacity);
        }
    }

    /// <summary>Keeps an event until the lock is left.</summary>
    public void Post(EventArgs change)
    {
        lock (_raising)
        {
            _pending.Enqueue(change);
            _pendingCount = _pending.Count;
        }
    }

    /// <summary>Raises what is pending. Never under the queue's lock: a handler may call the queue.</summary>
    public void Raise()
    {
        lock (_raising)
        {
            if (_isRaising)
            {
                return;
            }

            _isRaising = true;
        }

        while (Next() is { } change)
        {
            Raise(change);
        }
    }

    /// <summary>Integers only: at 80 % and above it rises, at 70 % and below it falls, between them nothing changes.</summary>
    private static bool Changes(bool isSaturated, int used, int capacity) =>
        isSaturated ? used * 10L <= capacity * 7L : used * 10L >= capacity * 8L;

    private void Post(AdmissionCap cap, bool isSaturated, string? room, int used, int capacity) =>
        Post(new AdmissionSaturationEventArgs(cap, isSaturated, room, used, capacity));

    private EventArgs? Next()
    {
        lock (_raising)
        {
            _isRaising = _pending.TryDequeue(out var change);
            _pendingCount = _pending.Count;
            return change;
        }
    }

    private void Say(AdmissionSaturationEventArgs change)
    {
        if (change.IsSaturated)
        {
            Log.SaturationRaised(logger, change.Cap, change.Used, change.Capacity);
        }
        else
        {
            Log.SaturationCleared(logger, change.Cap, change.Used, change.Capacity);
        }
    }

    private void Raise(EventArgs change)
    {
        if (change is AdmissionSaturationEventArgs { Cap: not AdmissionCap.Room } saturation)
        {
            Say(saturation);
        }

        try
        {
            raise(change);
        }
#pragma warning disable CA1031 // A handler belongs to the application: whatever it throws must not cost anybody a seat.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.SaturationHandlerFailed(logger, exception);
        }
    }
}
