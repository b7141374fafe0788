namespace ScaleKit.Admission;

/// <summary>Why a visitor got no seat.</summary>
public enum AdmissionRefusal
{
    /// <summary>Not refused.</summary>
    None = 0,

    /// <summary>No seat is free now, and the caller did not want to wait.</summary>
    NoSeat = 1,

    /// <summary>The waiting line is full (<see cref="AdmissionOptions.QueueCapacity"/>).</summary>
    QueueFull = 2,

    /// <summary>The waiting line of this room is full (<see cref="AdmissionOptions.RoomQueueCapacity"/>).</summary>
    RoomQueueFull = 3,

    /// <summary>No seat came free before the visitor's deadline.</summary>
    DeadlineExceeded = 4,

    /// <summary>The visitor left the line: its token was cancelled or its ticket disposed.</summary>
    Cancelled = 5,

    /// <summary>The queue admits nobody any more: it drains (<see cref="AdmissionQueue.DrainAsync"/>) or was disposed.</summary>
    Draining = 6,

    /// <summary>The expected wait is longer than the visitor's deadline (<see cref="AdmissionOptions.RefuseHopelessWaits"/>).</summary>
    DeadlineHopeless = 7,

    /// <summary>Waited too long while the room was overloaded (<see cref="AdmissionDiscipline.AdaptiveLifo"/>).</summary>
    Overloaded = 8,

    /// <summary>The client already has a seat in the room or waits for one (<see cref="AdmissionSameClient.Reject"/>).</summary>
    AlreadyPresent = 9,

    /// <summary>The same client came again and has taken the place in the line (<see cref="AdmissionSameClient.Replace"/>).</summary>
    Replaced = 10,

    /// <summary>Only the store of shared seats could tell, and <see cref="AdmissionQueue.TryAdmit"/> does not wait for it.</summary>
    Undecided = 11,
}
