namespace ScaleKit.Admission;

/// <summary>
/// The deadlines of those who wait. In most lines they ascend, because who comes later has the same time from then on: so a visitor whose deadline is not
/// before that of anybody ahead in its line costs nothing, the line has one alarm for all of them. Only who is more hurried, or came back to a place between others, stands on the wheel itself.
/// Guarded by the queue's lock.
/// </summary>
/// <remarks>
/// An alarm that rings walks from the head to the first visitor of its own that is not due. The hurried ones that it passes over have deadlines before that
/// visitor's, for which the alarm is set next, so each is passed over once: O(1) for each visitor.
/// </remarks>
/// <param name="wheel">Where alarms stand.</param>
/// <param name="lag">How far the clock can be behind when somebody comes: that much longer everybody waits, so that nobody is told too early.</param>
internal sealed class LineDeadlines(DeadlineWheel wheel, TimeSpan lag)
{
    private const long Never = long.MaxValue;

    /// <summary>Never, for one who stands between others and is none of the alarm's.</summary>
    private const long None = -1;

    /// <summary>To be called when the visitor stands in its line.</summary>
    public void Enter(Waiter waiter, TimeSpan now, TimeSpan deadline)
    {
        ref var line = ref waiter.Room.Visitors.LineOf(waiter.Priority);
        var due = deadline == Timeout.InfiniteTimeSpan ? Never : DeadlineWheel.TickAt(now + lag + deadline);
        waiter.Due = due;
        if (due < line.LatestDue || waiter.Next is not null)
        {
            StandAlone(waiter, now);
            return;
        }

        line.LatestDue = due;
        if (due != Never && line.Alarm is not { DueTick: not 0 })
        {
            Set(ref line, waiter, now);
        }
    }

    /// <summary>To be called when the visitor has left its line.</summary>
    public void Leave(Waiter waiter)
    {
        wheel.Remove(waiter);

        // Nothing of an empty line may stay behind.
        ref var line = ref waiter.Room.Visitors.LineOf(waiter.Priority);
        if (line.Count == 0 && line.Alarm is { } alarm)
        {
            wheel.Remove(alarm);
        }
    }

    /// <summary>Adds those whose time is up, who still stand in the line, and sets the alarm for the next.</summary>
    public void Ring(LineAlarm alarm, TimeSpan now, List<Waiter> due)
    {
        ref var line = ref alarm.Room.Visitors.LineOf(alarm.Priority);
        var tick = DeadlineWheel.TickBefore(now);
        for (var waiter = line.First; waiter is not null; waiter = waiter.Next)
        {
            if (waiter.DueTick != 0 || waiter.Due == None)
            {
                continue;
            }

            if (waiter.Due > tick)
            {
                if (waiter.Due != Never)
                {
                    Set(ref line, waiter, now);
                }

                return;
            }

            due.Add(waiter);
        }
    }

    private void StandAlone(Waiter waiter, TimeSpan now)
    {
        if (waiter.Due == Never)
        {
            waiter.Due = None;
        }
        else
        {
            wheel.Add(waiter, now, waiter.Due);
        }
    }

    private void Set(ref WaiterLine line, Waiter waiter, TimeSpan now) =>
        wheel.Add(line.Alarm ??= new LineAlarm(waiter.Room, waiter.Priority), now, waiter.Due);
}
