namespace ScaleKit.Migration;

/// <summary>
/// How much of its time the backfill works, for all its lanes together. Additive increase, multiplicative decrease (Chiu and Jain, 1989): a page on which one of the stores was slow or failed
/// halves the share, a quick one adds a 32nd. So copiers that share a store come to equal shares, and users get it back quickly. Thread-safe.
/// </summary>
internal sealed class BackfillPace(MigrationLadder ladder)
{
    private const double Step = 1.0 / 32;
    private readonly Lock _gate = new();
    private readonly long _started = ladder.Time.GetTimestamp();
    private double _share = 1;
    private long _rows;

    public double Share
    {
        get
        {
            lock (_gate)
            {
                return _share;
            }
        }
    }

    public void Failed()
    {
        lock (_gate)
        {
            Change_NeedsLock(_share / 2);
        }
    }

    /// <summary>Counts a page in.</summary>
    /// <returns>How long its lane is to rest.</returns>
    public TimeSpan Copied(int rows, TimeSpan read, TimeSpan applied)
    {
        lock (_gate)
        {
            var slow = read > ladder.Options.BackfillLatencyLimit || applied > ladder.Options.BackfillLatencyLimit;
            Change_NeedsLock(slow ? _share / 2 : _share + Step);
            _rows += rows;
            var rest = (read + applied) * ((1 - _share) / _share);
            var due = ladder.Options.BackfillRowsPerSecond is > 0 and var limit
                ? TimeSpan.FromSeconds((double)_rows / limit) - ladder.Time.GetElapsedTime(_started)
                : TimeSpan.Zero;
            return rest > due ? rest : due;
        }
    }

    private void Change_NeedsLock(double share)
    {
        _share = Math.Clamp(share, Step, 1);
        ladder.Instruments.SetPace(_share);
    }
}
