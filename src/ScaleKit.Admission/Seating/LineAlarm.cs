namespace ScaleKit.Admission;

/// <summary>Stands on the wheel for all visitors of one line whose deadlines ascend; see <see cref="LineDeadlines"/>.</summary>
internal sealed class LineAlarm(Room room, AdmissionPriority priority) : TimedEntry
{
    public Room Room { get; } = room;

    public AdmissionPriority Priority { get; } = priority;
}
