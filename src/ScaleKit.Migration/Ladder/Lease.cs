namespace ScaleKit.Migration;

/// <summary>
/// What this instance knows of its lease in the journal. It counts by the monotonic clock, from the moment before the renewal was sent and only three quarters of the time: so it is over here before it
/// is over there, whatever the renewal took and although two clocks never run alike. Thread-safe.
/// </summary>
internal sealed class Lease(long number, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _until = long.MinValue;
    private bool _ended;

    public long Number => number;

    public bool Holds => time.GetTimestamp() < Volatile.Read(ref _until);

    public void Extend(long sent, TimeSpan duration)
    {
        lock (_gate)
        {
            // Two renewals may answer in the wrong order: the later one counts.
            var until = sent + (long)(duration.TotalSeconds * 0.75 * time.TimestampFrequency);
            Volatile.Write(ref _until, _ended ? long.MinValue : Math.Max(_until, until));
        }
    }

    /// <summary>The journal knows it no longer. It never holds again, however late an earlier renewal answers.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            Volatile.Write(ref _until, long.MinValue);
        }
    }
}
