using System.Runtime.InteropServices;

namespace ScaleKit.Admission;

/// <summary>One part of a <see cref="SeatStep"/>. Immutable.</summary>
/// <param name="Kind">What is asked for.</param>
/// <param name="Room">The room.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SeatAction(SeatActionKind Kind, string Room)
{
    /// <summary>The class of the visitor.</summary>
    public AdmissionPriority Priority { get; init; }

    /// <summary>Whether the visitor waits when there is no seat.</summary>
    public bool MayWait { get; init; }

    /// <summary>The room's own number of seats; 0 where it has as many as every room. When entering, for a room that nobody uses or waits for.</summary>
    public int Capacity { get; init; }

    /// <summary>The number in the line. When entering: the one that the visitor had in an earlier epoch and whose place it keeps, otherwise 0.</summary>
    public long Number { get; init; }

    /// <summary>The seats that are held.</summary>
    public int Seats { get; init; }
}
