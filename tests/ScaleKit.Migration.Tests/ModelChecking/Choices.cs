namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>What the scheduler can choose from.</summary>
internal static class Choices
{
    /// <summary>Everything that can happen now, always in the same order.</summary>
    /// <param name="actors">Who acts.</param>
    /// <param name="late">How many calls nobody waits for any more.</param>
    /// <param name="killable">How many processes may be killed.</param>
    /// <param name="faults">Whether a call may fail.</param>
    /// <param name="changes">How often a store has changed so far.</param>
    /// <param name="sleepers">The processes that may sleep past the end of their lease.</param>
    public static List<Event> Of(List<Actor> actors, int late, int killable, bool faults, int changes, IEnumerable<int> sleepers)
    {
        var events = new List<Event>(8);
        for (var i = 0; i < actors.Count; i++)
        {
            Add(events, actors[i], i, faults, changes);
        }

        // Faults and waits that nothing would end do not count as something going on.
        var busy = events.Exists(static e => e.Kind is EventKind.Begin or EventKind.Complete or EventKind.Pause);
        if (!busy && actors.FindIndex(static a => a.Alarm is { IsOver: false, IsPause: true }) is >= 0 and var stuck)
        {
            events.Add(new(EventKind.GiveUp, stuck));
        }

        events.AddRange(Enumerable.Range(0, late).Select(static i => new Event(EventKind.Late, i)));
        events.AddRange(Enumerable.Range(0, killable).Select(static i => new Event(EventKind.Crash, i)));
        events.AddRange(sleepers.Select(static i => new Event(EventKind.Sleep, i)));
        return events;
    }

    private static void Add(List<Event> events, Actor actor, int index, bool faults, int changes)
    {
        if (actor is { Running: null } && actor.Next < actor.Script.Count)
        {
            events.Add(new(EventKind.Begin, index));
        }
        else if (actor.Pending is { } call)
        {
            events.Add(new(EventKind.Complete, index));
            if (faults)
            {
                events.Add(new(EventKind.Fail, index));
            }

            if (faults && call.Mutates)
            {
                events.Add(new(EventKind.TimeOut, index));
            }
        }
        else if (actor.Alarm is { IsOver: false } alarm)
        {
            if (alarm.IsPause && alarm.Changes < changes)
            {
                events.Add(new(EventKind.Pause, index));
            }
            else if (!alarm.IsPause && faults)
            {
                events.Add(new(EventKind.Alarm, index));
            }
        }
    }
}
