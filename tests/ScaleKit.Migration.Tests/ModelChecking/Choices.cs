namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>What the scheduler can choose from, always in the same order.</summary>
/// <param name="faults">Whether a call may fail.</param>
internal sealed class Choices(bool faults)
{
    private readonly List<Event> _events = new(8);
    private int _stuck = -1;
    private bool _busy;

    /// <summary>What an actor may do next.</summary>
    /// <param name="index">The actor.</param>
    /// <param name="actor">Where it stands.</param>
    /// <param name="changed">Whether anything has changed since it set its timer: looking again is worth it only then.</param>
    public void Add(int index, ActorState actor, bool changed)
    {
        if (actor is { IsRunning: false, HasMore: true })
        {
            Go(EventKind.Begin, index);
        }
        else if (actor.Pending is { } call)
        {
            Go(EventKind.Complete, index);
            if (faults)
            {
                _events.Add(new(EventKind.Fail, index));
            }

            if (faults && call.Mutates)
            {
                _events.Add(new(EventKind.TimeOut, index));
            }
        }
        else if (actor.Waits == Waits.Pause)
        {
            _stuck = _stuck < 0 ? index : _stuck;
            if (changed)
            {
                Go(EventKind.Pause, index);
            }
        }
        else if (actor.Waits == Waits.Timeout && faults)
        {
            _events.Add(new(EventKind.Alarm, index));
        }
    }

    /// <summary>All of it.</summary>
    /// <param name="late">How many calls nobody waits for any more.</param>
    /// <param name="killable">How many processes may be killed.</param>
    /// <param name="sleepers">The processes that may sleep past the end of their lease.</param>
    public List<Event> With(int late, int killable, IEnumerable<int> sleepers)
    {
        // Faults and waits that nothing would end do not count as something going on.
        if (!_busy && _stuck >= 0)
        {
            _events.Add(new(EventKind.GiveUp, _stuck));
        }

        for (var i = 0; i < late; i++)
        {
            _events.Add(new(EventKind.Late, i));
        }

        for (var i = 0; i < killable; i++)
        {
            _events.Add(new(EventKind.Crash, i));
        }

        foreach (var sleeper in sleepers)
        {
            _events.Add(new(EventKind.Sleep, sleeper));
        }

        return _events;
    }

    private void Go(EventKind kind, int index)
    {
        _busy = true;
        _events.Add(new(kind, index));
    }
}
