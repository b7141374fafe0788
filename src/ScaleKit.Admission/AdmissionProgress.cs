using System.Runtime.InteropServices;

namespace ScaleKit.Admission;

/// <summary>Where a visitor stands in the line at one moment. Immutable.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AdmissionProgress
{
    /// <summary>
    /// The place among the waiting visitors of the same room, 1 being the next to be admitted; <see langword="null"/> when no longer in the line. Exact in one
    /// process; where the seats are shared, as their store last told it, and <see langword="null"/> until it has.
    /// </summary>
    public int? Position { get; init; }

    /// <summary>
    /// How many other rooms stand before this one in the line in which it waits: for its turn (<see cref="AdmissionCap.Total"/>) or for becoming
    /// active (<see cref="AdmissionCap.ActiveRooms"/>). 0 where only the room itself is full, and when no longer in the line.
    /// </summary>
    public int RoomsAhead { get; init; }

    /// <summary>The cap that binds now; <see cref="AdmissionCap.None"/> when admitted.</summary>
    public AdmissionCap BindingCap { get; init; }

    /// <summary>The expected rest of the wait in whole seconds, from the measured release rate; <see langword="null"/> while nothing was released yet.</summary>
    public TimeSpan? EstimatedWait { get; init; }

    /// <summary>Why the wait ended without a seat; <see cref="AdmissionRefusal.None"/> while waiting and when admitted.</summary>
    public AdmissionRefusal Refusal { get; init; }

    /// <summary>Whether the visitor still waits.</summary>
    public bool IsWaiting { get; init; }

    /// <summary>Whether the wait ended with a seat.</summary>
    public bool IsAdmitted => !IsWaiting && Refusal == AdmissionRefusal.None;
}
