namespace ScaleKit.Admission;

/// <content>
/// Adaptive LIFO with controlled delay (Maurer, "Fail at Scale", ACM Queue 2015; target and interval as in CoDel, RFC 8289): a line that was empty a moment
/// ago is a burst and is served in order; one that has stood for longer is overload, and then only the fresh are worth a seat.
/// </content>
internal sealed partial class Seating
{
    private SettledWaiters _shed;
    private TimeSpan _target = options.OverloadTarget;
    private TimeSpan _interval = options.OverloadInterval;
    private bool _isAdaptive = options.Discipline == AdmissionDiscipline.AdaptiveLifo;

    public bool HasShed => _shed.Any;

    /// <summary>Those who were refused because they had waited too long, out of the line, to be told by the caller.</summary>
    public SettledWaiters TakeShed()
    {
        var shed = _shed;
        _shed = default;
        return shed;
    }

    /// <summary>The visitor that is served next; null when nobody waits.</summary>
    private Waiter? Next(Room room) => room.Visitors.Next(_burst, newestFirst: _isAdaptive && Shed(room));

    /// <summary>Refuses those who have waited too long, but for the last: a seat is not left empty. Tells whether the room is overloaded. O(1) for each refused.</summary>
    private bool Shed(Room room)
    {
        var now = clock.Now;
        var isOverloaded = room.Waiting > 0 && now - room.WaitedForSince > _interval;
        var longest = isOverloaded ? _target : _interval;
        foreach (var priority in (ReadOnlySpan<AdmissionPriority>)[AdmissionPriority.Low, AdmissionPriority.Normal, AdmissionPriority.High])
        {
            while (room.Waiting > 1 && room.Visitors.First(priority) is { } oldest && now - oldest.EnteredAt > longest)
            {
                room.Visitors.Remove(oldest);
                Waiting--;
                if (oldest.TrySettle(WaiterState.Shed))
                {
                    _shed.Add(oldest, AdmissionResult.Refused(AdmissionRefusal.Overloaded, oldest.WaitsFor, position: 1, retryAfter: _interval));
                }
            }
        }

        return isOverloaded;
    }
}
