namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>A timer that fires when the scheduler says so.</summary>
internal sealed class Alarm(Action callback, TimeSpan due) : ITimer
{
    private bool _over;

    /// <summary>A short timer is the pause of a loop that looks again; a long one is a timeout.</summary>
    public bool IsPause => due < Clock.MirrorTimeout;

    public bool IsOver => _over;

    public void Fire()
    {
        _over = true;
        callback();
    }

    public bool Change(TimeSpan dueTime, TimeSpan period) => false;

    public void Dispose() => _over = true;

    public ValueTask DisposeAsync()
    {
        _over = true;
        return ValueTask.CompletedTask;
    }
}
