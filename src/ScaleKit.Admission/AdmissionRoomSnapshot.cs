using System.Runtime.InteropServices;

namespace ScaleKit.Admission;

/// <summary>One room at one moment. The name comes from users: escape it where it is shown.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly struct AdmissionRoomSnapshot
{
    /// <summary>The room.</summary>
    public required string Room { get; init; }

    /// <summary>Seats taken.</summary>
    public required int Seats { get; init; }

    /// <summary>Visitors waiting for this room.</summary>
    public required int Waiting { get; init; }
}
