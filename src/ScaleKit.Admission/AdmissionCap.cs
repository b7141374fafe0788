namespace ScaleKit.Admission;

/// <summary>The cap that keeps a visitor from a seat.</summary>
/// <remarks>Where several bind at once the narrowest is named: the room first, then the active rooms, then the total.</remarks>
public enum AdmissionCap
{
    /// <summary>No cap binds: there is a seat.</summary>
    None = 0,

    /// <summary>The room has all its seats taken (<see cref="AdmissionOptions.RoomCapacity"/>).</summary>
    Room = 1,

    /// <summary>The room is empty and as many rooms as allowed are in use (<see cref="AdmissionOptions.ActiveRooms"/>).</summary>
    ActiveRooms = 2,

    /// <summary>All seats of all rooms together are taken (<see cref="AdmissionOptions.TotalCapacity"/>).</summary>
    Total = 3,
}
