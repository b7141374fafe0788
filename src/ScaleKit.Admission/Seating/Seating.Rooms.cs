namespace ScaleKit.Admission;

/// <content>Who listens for rooms that come into use and go out of it is told at the end of a step, what ended before what began.</content>
internal sealed partial class Seating
{
    private readonly List<Room> _changed = [];

    /// <summary>Whether somebody listens. Then the last seat of a room is given back under the lock.</summary>
    public bool TellsOfRooms { get; private set; }

    public void TellOfRooms(bool tells)
    {
        RecallAll();
        TellsOfRooms = tells;
        _changed.Clear();
        foreach (var (_, room) in _rooms)
        {
            room.IsAnnounced = room.Seats > 0;
            room.InUseSince = clock.Now;
        }
    }

    /// <summary>When the one that waits longest has come. A step for each room that is waited for.</summary>
    public TimeSpan? OldestEntry()
    {
        TimeSpan? oldest = null;
        foreach (var line in (ReadOnlySpan<RoomLine>)[Ready, Parked, Full])
        {
            for (var room = line.First; room is not null; room = room.Next)
            {
                foreach (var priority in (ReadOnlySpan<AdmissionPriority>)[AdmissionPriority.High, AdmissionPriority.Normal, AdmissionPriority.Low])
                {
                    if (room.Visitors.First(priority)?.EnteredAt is { } entered && !(entered > oldest))
                    {
                        oldest = entered;
                    }
                }
            }
        }

        return oldest;
    }

    private void Changed(Room room)
    {
        if (TellsOfRooms)
        {
            _changed.Add(room);
        }
    }

    private void AnnounceRooms()
    {
        if (_changed.Count == 0)
        {
            return;
        }

        var now = clock.Now;

        // A room that emptied and filled within one step has not been out of use.
        foreach (var room in _changed)
        {
            if (room is { IsAnnounced: true, Seats: 0 })
            {
                room.IsAnnounced = false;
                saturation.Post(new AdmissionRoomEventArgs(room.Name, isInUse: false, now - room.InUseSince));
            }
        }

        foreach (var room in _changed)
        {
            if (room is { IsAnnounced: false, Seats: > 0 })
            {
                room.IsAnnounced = true;
                room.InUseSince = now;
                saturation.Post(new AdmissionRoomEventArgs(room.Name, isInUse: true, inUseFor: null));
            }
        }

        _changed.Clear();
    }
}
