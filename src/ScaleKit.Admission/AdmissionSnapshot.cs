namespace ScaleKit.Admission;

/// <summary>A queue at one moment, all figures of the same moment. Immutable.</summary>
public sealed class AdmissionSnapshot
{
    /// <summary>Seats taken in all rooms.</summary>
    public required int Seats { get; init; }

    /// <summary>Rooms with at least one seat taken.</summary>
    public required int ActiveRooms { get; init; }

    /// <summary>Visitors in the line.</summary>
    public required int Waiting { get; init; }

    /// <summary>Rooms with at least one visitor in the line.</summary>
    public required int WaitingRooms { get; init; }

    /// <summary>The cap on each room.</summary>
    public required int RoomCapacity { get; init; }

    /// <summary>The cap on rooms in use.</summary>
    public required int ActiveRoomCapacity { get; init; }

    /// <summary>The cap on all seats.</summary>
    public required int TotalCapacity { get; init; }

    /// <summary>Whether the caps are in force: <see langword="false"/> when the kill switch is off.</summary>
    public required bool IsEnabled { get; init; }

    /// <summary>Seats given back per second, averaged over about 30 s; 0 while not measured.</summary>
    public required double ReleasesPerSecond { get; init; }

    /// <summary>Rooms with a seat taken or a visitor waiting, by name (ordinal), at most as many as were asked for.</summary>
    public required IReadOnlyList<AdmissionRoomSnapshot> Rooms { get; init; }

    /// <summary>How many rooms were left out of <see cref="Rooms"/>.</summary>
    public required int RoomsLeftOut { get; init; }
}
