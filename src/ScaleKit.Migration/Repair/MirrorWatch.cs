using Microsoft.Extensions.Logging;

namespace ScaleKit.Migration;

/// <summary>
/// Tells when the mirror does not take more than <see cref="MigrationOptions.MirrorFailureLimit"/> of the rows, and when it is at most half of that again: once each. Judged over windows of ten seconds
/// and a hundred rows at least, by the first row after them. Thread-safe.
/// </summary>
internal sealed class MirrorWatch(double limit, TimeProvider time, ILogger logger, Action<MirrorFailingEventArgs> raise)
{
    public const int LeastRows = 100;
    private readonly Lock _gate = new();
    private long _windowBegan = time.GetTimestamp();
    private long _taken;
    private long _failed;
    private volatile bool _isFailing;

    public static TimeSpan Window { get; } = TimeSpan.FromSeconds(10);

    public bool IsFailing => _isFailing;

    public void Count(long taken, long failed)
    {
        MirrorFailingEventArgs? change;
        lock (_gate)
        {
            _taken += taken;
            _failed += failed;
            change = Judge_NeedsLock();
        }

        if (change is not null)
        {
            Tell(change);
        }
    }

    private MirrorFailingEventArgs? Judge_NeedsLock()
    {
        var rows = _taken + _failed;
        if (rows < LeastRows || time.GetElapsedTime(_windowBegan) < Window)
        {
            return null;
        }

        var share = (double)_failed / rows;
        (_windowBegan, _taken, _failed) = (time.GetTimestamp(), 0, 0);
        if (_isFailing ? share > limit / 2 : share <= limit)
        {
            return null;
        }

        _isFailing = !_isFailing;
        return new MirrorFailingEventArgs(_isFailing, share);
    }

    private void Tell(MirrorFailingEventArgs change)
    {
        if (change.IsFailing)
        {
            Log.MirrorFailing(logger, change.Share, limit);
        }
        else
        {
            Log.MirrorTakes(logger, change.Share);
        }

        try
        {
            raise(change);
        }
        catch (Exception exception)
        {
            // It belongs to the application: whatever it throws must not cost anybody a write.
            Log.HandlerFailed(logger, exception);
        }
    }
}
