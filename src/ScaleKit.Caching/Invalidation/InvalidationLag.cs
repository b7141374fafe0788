namespace ScaleKit.Caching;

/// <summary>
/// How long this cache's own invalidations take from the call that appends them until they come back from the log: what the other nodes wait for, and no clock of
/// another machine takes part. A record is heard before or after its append has returned; either way both times meet here. Not thread-safe.
/// </summary>
internal sealed class InvalidationLag(CachingMetrics metrics, TimeProvider time)
{
    private const int Kept = 256;
    private readonly Meeting[] _meetings = new Meeting[Kept];

    /// <summary>An own record was appended by a call that began at <paramref name="startedAt"/>.</summary>
    public void Appended(InvalidationPosition position, long startedAt)
    {
        ref var meeting = ref _meetings[Slot(position)];
        if (meeting.Position == position && meeting.IsHeard)
            metrics.InvalidationTook(time.GetElapsedTime(startedAt, meeting.At));
        else
            meeting = new(position, startedAt, IsHeard: false);
    }

    /// <summary>A record was heard, or read in the log.</summary>
    public void Heard(InvalidationPosition position)
    {
        ref var meeting = ref _meetings[Slot(position)];
        var now = time.GetTimestamp();
        if (meeting.Position != position)
        {
            meeting = new(position, now, IsHeard: true);
        }
        else if (!meeting.IsHeard)
        {
            metrics.InvalidationTook(time.GetElapsedTime(meeting.At, now));
            meeting = default;
        }
    }

    private static int Slot(InvalidationPosition position) => (int)((ulong)position.Sequence % Kept);

    private readonly record struct Meeting(InvalidationPosition Position, long At, bool IsHeard);
}
