namespace ScaleKit.Admission;

/// <summary>
/// How long a place in the line will take: the releases that must happen first, divided by the measured rate of releases (Little's law).
/// Guarded by the queue's lock.
/// </summary>
internal sealed class WaitEstimator(Seating seating)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    private readonly RateMeter _releases = new();
    private readonly RateMeter _closures = new();

    /// <summary>The expected wait in whole seconds; <see langword="null"/> while the rate is unknown.</summary>
    public TimeSpan? Estimate(AdmissionCap cap, int seatsOfRoom, int position, int roomsAhead, TimeSpan now)
    {
        var releases = ReleasesPerSecond(now);
        var closures = _closures.PerSecond(seating.Closures, now);
        var seconds = cap switch
        {
            // The room's share of all releases is its share of all seats.
            AdmissionCap.Room => position / Share(releases, seatsOfRoom),

            // A room that becomes active seats as many as it holds at once; the rest wait for its own releases.
            AdmissionCap.ActiveRooms => ((roomsAhead + 1) / closures)
                + (Math.Max(0, position - seating.RoomCapacity) / Share(releases, seating.RoomCapacity)),

            AdmissionCap.Total => TurnsBefore(position, roomsAhead) / releases,
            _ => 0,
        };

        return double.IsFinite(seconds) && seconds < Longest.TotalSeconds ? TimeSpan.FromSeconds(Math.Ceiling(seconds)) : null;
    }

    public double ReleasesPerSecond(TimeSpan now) => _releases.PerSecond(seating.Releases, now);

    private double Share(double releases, int seatsOfRoom) => releases * seatsOfRoom / Math.Max(seatsOfRoom, seating.Seats);

    /// <summary>Grants up to and including this one, when the rooms take turns; never more than there are visitors.</summary>
    private long TurnsBefore(int position, int roomsAhead)
    {
        var rooms = seating.Ready.Count + (seating.ActiveRooms < seating.ActiveRoomCapacity ? seating.Parked.Count : 0);
        return Math.Min(((position - 1L) * Math.Max(1, rooms)) + roomsAhead + 1, Math.Max(seating.Waiting, position));
    }
}
