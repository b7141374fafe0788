namespace ScaleKit.Admission;

/// <summary>Anything that can stand on a <see cref="DeadlineWheel"/>. Its links are guarded by the queue's lock.</summary>
internal abstract class TimedEntry
{
    public TimedEntry? WheelPrevious { get; set; }

    public TimedEntry? WheelNext { get; set; }

    /// <summary>The tick of the wheel at which the time is up; 0 when the entry is not on the wheel.</summary>
    public long DueTick { get; set; }
}
