namespace ScaleKit.Admission;

/// <summary>A cap came near its end (80 % used) or has room again (70 % used or less). Immutable.</summary>
/// <param name="cap">The cap.</param>
/// <param name="isSaturated"><see langword="true"/> when raised at 80 %, <see langword="false"/> when cleared at 70 %.</param>
/// <param name="room">The room, when <paramref name="cap"/> is <see cref="AdmissionCap.Room"/>.</param>
/// <param name="used">How much of the cap is used.</param>
/// <param name="capacity">The cap itself.</param>
public sealed class AdmissionSaturationEventArgs(AdmissionCap cap, bool isSaturated, string? room, int used, int capacity) : EventArgs
{
    /// <summary>The cap.</summary>
    public AdmissionCap Cap { get; } = cap;

    /// <summary><see langword="true"/> when raised at 80 %, <see langword="false"/> when cleared at 70 %.</summary>
    public bool IsSaturated { get; } = isSaturated;

    /// <summary>The room, when <see cref="Cap"/> is <see cref="AdmissionCap.Room"/>; otherwise <see langword="null"/>. Comes from users.</summary>
    public string? Room { get; } = room;

    /// <summary>Seats or rooms in use at that moment.</summary>
    public int Used { get; } = used;

    /// <summary>The cap at that moment.</summary>
    public int Capacity { get; } = capacity;
}
