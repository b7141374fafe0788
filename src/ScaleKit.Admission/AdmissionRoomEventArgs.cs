namespace ScaleKit.Admission;

/// <summary>A room has its first visitor, or lost its last. Immutable.</summary>
/// <param name="room">The room. The name comes from users: escape it where it is shown.</param>
/// <param name="isInUse"><see langword="true"/> when the first visitor has a seat, <see langword="false"/> when the last has gone.</param>
/// <param name="inUseFor">How long the room was in use, when the last visitor has gone.</param>
public sealed class AdmissionRoomEventArgs(string room, bool isInUse, TimeSpan? inUseFor = null) : EventArgs
{
    /// <summary>The room. The name comes from users: escape it where it is shown.</summary>
    public string Room { get; } = room;

    /// <summary><see langword="true"/> when the first visitor has a seat, <see langword="false"/> when the last has gone.</summary>
    public bool IsInUse { get; } = isInUse;

    /// <summary>How long the room was in use, when the last visitor has gone: from its first one, or from when somebody began to listen; otherwise <see langword="null"/>.</summary>
    public TimeSpan? InUseFor { get; } = inUseFor;
}
