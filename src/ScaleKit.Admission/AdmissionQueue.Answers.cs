namespace ScaleKit.Admission;

/// <content>What those are told who get no seat, and when: deadlines, refusals, estimates. Nothing is told under the lock.</content>
public sealed partial class AdmissionQueue
{
    private void Expire()
    {
        var due = new List<TimedEntry>();
        var settled = default(SettledWaiters);
        var overdue = new List<(Seat Seat, int Generation, string Loss)>();
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            var now = _clock.Now;
            _wheel.Turn(now, due);
            foreach (var waiter in Overdue_NeedsLock(due, now))
            {
                Expire_NeedsLock(waiter, ref settled);
            }

            foreach (var seat in due.OfType<Seat>())
            {
                if (Overdue_NeedsLock(seat, now) is { } loss)
                {
                    // Read here: once the lock is free the seat may serve the next.
                    overdue.Add((seat, seat.HeldGeneration, loss));
                }
            }
        }

        Tell(ref settled);
        foreach (var (seat, generation, loss) in overdue)
        {
            TakeAway(seat, generation, loss);
        }
    }

    private List<Waiter> Overdue_NeedsLock(List<TimedEntry> due, TimeSpan now)
    {
        var overdue = new List<Waiter>();
        foreach (var entry in due)
        {
            if (entry is LineAlarm alarm)
            {
                _deadlines.Ring(alarm, now, overdue);
            }
            else if (entry is Waiter hurried)
            {
                overdue.Add(hurried);
            }
        }

        // From the ends of the lines to their heads: each is told the place that it had.
        overdue.Reverse();
        return overdue;
    }

    private void Expire_NeedsLock(Waiter waiter, ref SettledWaiters settled)
    {
        var place = PlaceOf_NeedsLock(waiter);

        // Who loses this has left at the same moment and tells so itself.
        var isSettledHere = waiter.TrySettle(WaiterState.Expired);
        var cap = waiter.Ask is { IsWithStore: true } ask ? ask.Cap : _seating.BindingCap(waiter.Room, waiter.Room.Name);
        var retryAfter = RetryAfter_NeedsLock(waiter.Room, cap);
        TakeOut_NeedsLock(waiter);
        if (isSettledHere)
        {
            settled.Add(waiter, AdmissionResult.Refused(AdmissionRefusal.DeadlineExceeded, cap, place, retryAfter));
        }
    }

    private void RefuseAll_NeedsLock(ref SettledWaiters settled)
    {
        foreach (var room in _seating.Rooms)
        {
            room.Rank = 0;
        }

        while ((_seating.Ready.First ?? _seating.Parked.First ?? _seating.Full.First)?.Visitors.Next(int.MaxValue) is { } waiter)
        {
            // The place among those of the room that are told, in their order; where a store decides, the place in its line.
            var place = waiter.Ask is { IsWithStore: true } ask ? ask.Place : ++waiter.Room.Rank;
            TakeOut_NeedsLock(waiter);
            if (waiter.TrySettle(WaiterState.Drained))
            {
                settled.Add(waiter, AdmissionResult.Refused(AdmissionRefusal.Draining, waiter.WaitsFor, place, hint: _drainHint));
            }
        }
    }

    private void Tell(ref SettledWaiters settled)
    {
        while (settled.TakeNext() is { } waiter)
        {
            Tell(waiter);
        }

        RaiseSaturation();
    }

    internal void Tell(Waiter waiter)
    {
        // Told first of all, because what follows calls listeners of the application; and read before that, because then it is another's.
        var (outcome, waitedFor) = (waiter.Outcome, waiter.WaitsFor);
        var measures = outcome.IsAdmitted && _metrics.MeasuresWaits && waitedFor != AdmissionCap.None;
        var enteredAt = measures ? waiter.EnteredAt : default;
        waiter.Complete();
        if (outcome.IsAdmitted)
        {
            _metrics.CountAdmitted(waitedFor);
            if (measures)
            {
                _metrics.RecordWait(_clock.Now - enteredAt, waitedFor);
            }
        }
        else
        {
            _metrics.CountRefused(outcome);
        }
    }

    private void RaiseSaturation()
    {
        if (_saturation.HasPending)
        {
            _saturation.Raise();
        }
    }

    private TimeSpan RetryAfter_NeedsLock(Room? room, AdmissionCap cap)
    {
        // As long as one would have waited at the end of the line.
        var retry = Estimate_NeedsLock(room, cap, (room?.Waiting ?? 0) + 1) ?? _options.RetryAfterFallback;
        return retry < ShortestRetry ? ShortestRetry : retry > LongestRetry ? LongestRetry : retry;
    }

    private TimeSpan? Estimate_NeedsLock(Room? room, AdmissionCap cap, int place)
    {
        var roomsAhead = cap switch
        {
            AdmissionCap.Room => 0,
            AdmissionCap.ActiveRooms => _seating.Parked.Count,
            _ => _seating.Ready.Count,
        };
        return _estimator.Estimate(cap, room?.Seats ?? 0, place, roomsAhead, _clock.Now);
    }

    /// <summary>The place of one who leaves without a seat, 0 where it is not known. Beyond a thousand it is not worth the walk.</summary>
    private static int PlaceOf_NeedsLock(Waiter waiter)
    {
        if (waiter.Ask is { IsWithStore: true } ask)
        {
            return ask.Place;
        }

        return waiter.IsLinked ? waiter.Room.Visitors.PlaceOf(waiter, most: 1000) : 0;
    }
}
