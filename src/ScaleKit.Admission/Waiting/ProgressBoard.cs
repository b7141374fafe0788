namespace ScaleKit.Admission;

/// <summary>
/// Positions: on demand for one waiter (a walk to its place, so bounded by the room's line), and pushed to all who watch by one sweep an interval
/// (each watched line walked once, whatever the number of watchers). The timer runs only while somebody watches. Guarded by the queue's lock,
/// except <see cref="Sweep"/>, which takes it.
/// </summary>
internal sealed class ProgressBoard(Lock gate, Seating seating, WaitEstimator estimator, Func<TimeSpan> clock, Action<bool> run)
{
    private int _watchers;
    private int _sweeping;

    public AdmissionProgress Measure_NeedsLock(Waiter waiter)
    {
        if (!waiter.IsLinked)
        {
            return default;
        }

        waiter.Place = waiter.Room.Visitors.PlaceOf(waiter);
        waiter.Room.Rank = 0;
        for (var before = waiter.Room.Previous; before is not null; before = before.Previous)
        {
            waiter.Room.Rank++;
        }

        return Describe(waiter, clock());
    }

    /// <summary>Adds a watcher of a waiter that stands in the line, and gives it the first update.</summary>
    public void Add_NeedsLock(ProgressWatcher watcher)
    {
        watcher.Next = watcher.Waiter.Watchers;
        _ = watcher.Next?.Previous = watcher;
        watcher.Waiter.Watchers = watcher;
        watcher.Waiter.Room.Watchers++;
        if (_watchers++ == 0)
        {
            run(true);
        }

        var progress = Measure_NeedsLock(watcher.Waiter);
        _ = watcher.IsNews(progress);
        watcher.Push(progress);
    }

    public void Remove_NeedsLock(ProgressWatcher watcher)
    {
        watcher.Waiter.Room.Watchers--;
        if (--_watchers == 0)
        {
            run(false);
        }

        // Out of the line, the list belongs to whoever settled the waiter and walks it without the lock.
        if (!watcher.Waiter.IsLinked)
        {
            return;
        }

        _ = watcher.Previous is null ? watcher.Waiter.Watchers = watcher.Next : watcher.Previous.Next = watcher.Next;
        _ = watcher.Next?.Previous = watcher.Previous;
    }

    /// <summary>Pushes to every watcher whose position, line or estimate has changed since the last time. Skipped while one is under way.</summary>
    public void Sweep()
    {
        if (Interlocked.Exchange(ref _sweeping, 1) == 1)
        {
            return;
        }

        var now = clock();
        lock (gate)
        {
            SweepLine_NeedsLock(seating.Ready, now);
            SweepLine_NeedsLock(seating.Parked, now);
            SweepLine_NeedsLock(seating.Full, now);
        }

        Volatile.Write(ref _sweeping, 0);
    }

    private void SweepLine_NeedsLock(RoomLine line, TimeSpan now)
    {
        var rank = 0;
        for (var room = line.First; room is not null; room = room.Next)
        {
            room.Rank = rank++;
            if (room.Watchers > 0)
            {
                SweepRoom_NeedsLock(room, now);
            }
        }
    }

    private void SweepRoom_NeedsLock(Room room, TimeSpan now)
    {
        var place = 0;
        SweepClass_NeedsLock(room.Visitors.First(AdmissionPriority.High), ref place, now);
        SweepClass_NeedsLock(room.Visitors.First(AdmissionPriority.Normal), ref place, now);
        SweepClass_NeedsLock(room.Visitors.First(AdmissionPriority.Low), ref place, now);
    }

    private void SweepClass_NeedsLock(Waiter? first, ref int place, TimeSpan now)
    {
        for (var waiter = first; waiter is not null; waiter = waiter.Next)
        {
            waiter.Place = ++place;
            if (waiter.Watchers is null)
            {
                continue;
            }

            var progress = Describe(waiter, now);
            for (var watcher = waiter.Watchers; watcher is not null; watcher = watcher.Next)
            {
                // Pushed under the lock: outside it, a stale update could displace the final one.
                if (watcher.IsNews(progress))
                {
                    watcher.Push(progress);
                }
            }
        }
    }

    private AdmissionProgress Describe(Waiter waiter, TimeSpan now)
    {
        if (waiter.Ask is { IsWithStore: true } ask)
        {
            return new AdmissionProgress { IsWaiting = true, Position = ask.IsOpen ? null : ask.Place, BindingCap = ask.Cap };
        }

        var room = waiter.Room;
        var cap = seating.BindingCap(room, room.Name);
        var ahead = cap == AdmissionCap.Room ? 0 : room.Rank;
        return new AdmissionProgress
        {
            IsWaiting = true,
            Position = waiter.Place,
            RoomsAhead = ahead,
            BindingCap = cap,
            EstimatedWait = estimator.Estimate(cap, room.Seats, waiter.Place, ahead, now),
        };
    }
}
