using System.Diagnostics;

namespace ScaleKit.Admission;

/// <content>The hot path: entering, leaving, releasing, expiring. Each takes the lock once and tells the outcome after it.</content>
public sealed partial class AdmissionQueue
{
    internal void Release(Seat seat)
    {
        if (seat.Room.Loan.TryGiveBack())
        {
            seat.Room.TakeBack(seat);
        }
        else
        {
            Decide(seat);
        }
    }

    /// <summary>A lease was lost without having been disposed. On the finalizer's thread, which must not be held up.</summary>
    internal void Lost(Seat seat, int generation) =>
        _ = ThreadPool.UnsafeQueueUserWorkItem(static lost => lost.Queue.Reclaim(lost.Seat, lost.Generation), (Queue: this, Seat: seat, Generation: generation), preferLocal: false);

    internal void Leave(Waiter waiter)
    {
        // Decided here, before the lock: if the grant was first, the seat is the visitor's and this does nothing.
        if (!waiter.TrySettle(WaiterState.Left))
        {
            return;
        }

        var settled = default(SettledWaiters);
        lock (_gate)
        {
            TakeOut_NeedsLock(waiter);
            settled.Add(waiter, AdmissionResult.Refused(AdmissionRefusal.Cancelled, waiter.WaitsFor));
        }

        Tell(ref settled);
    }

    internal AdmissionProgress Measure(Waiter waiter)
    {
        lock (_gate)
        {
            return _progress.Measure_NeedsLock(waiter);
        }
    }

    /// <summary>A watcher with its first update, or <see langword="null"/> when the waiter no longer stands in the line.</summary>
    internal ProgressWatcher? Watch(Waiter waiter)
    {
        lock (_gate)
        {
            if (!waiter.IsLinked)
            {
                return null;
            }

            var watcher = new ProgressWatcher(waiter);
            _progress.Add_NeedsLock(watcher);
            return watcher;
        }
    }

    internal void Unwatch(ProgressWatcher watcher)
    {
        lock (_gate)
        {
            _progress.Remove_NeedsLock(watcher);
        }
    }

    private Waiter? SitOrWait(in AdmissionRequest request, bool hasTicket, CancellationToken cancellationToken, out AdmissionResult result)
    {
        RequireNames(request);
        var deadline = request.Deadline ?? _options.DefaultDeadline;
        AdmissionOptionsRules.RequireDeadline(deadline, nameof(request), nameof(request.Deadline));
        if (cancellationToken.IsCancellationRequested)
        {
            result = AdmissionResult.Refused(AdmissionRefusal.Cancelled, AdmissionCap.None);
            _metrics.CountRefused(result);
            return null;
        }

        var waiter = SitOrWait(request, deadline, hasTicket, cancellationToken.CanBeCanceled, out result);
        if (cancellationToken.CanBeCanceled)
        {
            waiter?.LeaveOn(cancellationToken);
        }

        return waiter;
    }

    /// <summary>A waiter, or <see langword="null"/> and a result.</summary>
    private Waiter? SitOrWait(in AdmissionRequest request, TimeSpan deadline, bool hasTicket, bool hasToken, out AdmissionResult result)
    {
        var room = _seating.Find(request.Room);
        if (room is null || !room.Loan.TryTake())
        {
            lock (_gate)
            {
                var waiter = Decide_NeedsLock(request, deadline, hasTicket, hasToken, ref room, out result);
                if (waiter is not null)
                {
                    return waiter;
                }
            }

            if (room is null)
            {
                _metrics.CountRefused(result);
                return null;
            }

            RaiseSaturation();
        }

        var seat = room.TakeSeat();
        result = AdmissionResult.Admitted(new AdmissionLease(seat, seat.Begin(), request.ClientId, request.Data), AdmissionCap.None);
        _metrics.CountAdmitted(AdmissionCap.None);
        return null;
    }

    /// <summary>A waiter; or a room in which a seat was taken; or no room, and the refusal.</summary>
    private Waiter? Decide_NeedsLock(in AdmissionRequest request, TimeSpan deadline, bool hasTicket, bool hasToken, ref Room? room, out AdmissionResult result)
    {
        result = default;
        room = _seating.Find(request.Room, room);
        var cap = _seating.Decide(room);
        if (cap == AdmissionCap.None && !_isDisposed)
        {
            Debug.Assert(room is null || room.Waiting == 0, "A free seat belongs to those who wait.");
            _seating.Sit(room ??= _seating.Open(request.Room));
            _seating.ObserveSaturation();
            _seating.Lend(room);
            return null;
        }

        var refusal = Refusal_NeedsLock(room, deadline);
        if (refusal == AdmissionRefusal.None)
        {
            return Enqueue_NeedsLock(request, room ?? _seating.Open(request.Room), cap, deadline, hasTicket, hasToken);
        }

        result = AdmissionResult.Refused(refusal, cap, RetryAfter_NeedsLock(refusal, room, cap));
        room = null;
        return null;
    }

    private AdmissionRefusal Refusal_NeedsLock(Room? room, TimeSpan deadline)
    {
        if (_isDisposed)
        {
            return AdmissionRefusal.Draining;
        }

        if (deadline == TimeSpan.Zero)
        {
            return AdmissionRefusal.NoSeat;
        }

        if (_seating.Waiting >= _options.QueueCapacity)
        {
            return AdmissionRefusal.QueueFull;
        }

        return (room?.Waiting ?? 0) >= _options.RoomQueueCapacity ? AdmissionRefusal.RoomQueueFull : AdmissionRefusal.None;
    }

    private Waiter Enqueue_NeedsLock(in AdmissionRequest request, Room room, AdmissionCap cap, TimeSpan deadline, bool hasTicket, bool hasToken)
    {
        var now = _clock.Now;
        var waiter = (hasTicket ? null : SpareWaiters.Take()) ?? new Waiter(hasTicket);
        waiter.Begin(this, room, request, cap, now, hasToken);
        _seating.Enqueue(waiter);
        if (deadline != Timeout.InfiniteTimeSpan)
        {
            _deadlines.Add(waiter, now, deadline + _clock.Lag);
        }

        return waiter;
    }

    private TimeSpan? RetryAfter_NeedsLock(AdmissionRefusal refusal, Room? room, AdmissionCap cap)
    {
        if (refusal == AdmissionRefusal.Draining)
        {
            return null;
        }

        // As long as one would have waited at the end of the line.
        var roomsAhead = cap == AdmissionCap.ActiveRooms ? _seating.Parked.Count : _seating.Ready.Count;
        var estimate = _estimator.Estimate(cap, room?.Seats ?? 0, (room?.Waiting ?? 0) + 1, cap == AdmissionCap.Room ? 0 : roomsAhead, _clock.Now);
        var retry = estimate ?? _options.RetryAfterFallback;
        return retry < ShortestRetry ? ShortestRetry : retry > LongestRetry ? LongestRetry : retry;
    }

    /// <summary>A seat is free. If it passes to the next of its room, nothing else changes: the usual case while a crowd waits.</summary>
    private void Decide(Seat seat)
    {
        var room = seat.Room;
        var settled = default(SettledWaiters);
        lock (_gate)
        {
            _seating.Recall(room);
            if (!_isDisposed && _seating.HandOver(room) is { } next)
            {
                Grant_NeedsLock(next, seat, ref settled);
            }
            else
            {
                room.TakeBack(seat);
                _seating.StandUp(room);
                SeatWaiters_NeedsLock(ref settled);
                _seating.ObserveSaturation(room);
            }
        }

        Tell(ref settled);
    }

    private void SeatWaiters_NeedsLock(ref SettledWaiters settled)
    {
        while (!_isDisposed && _seating.SeatNext() is { } waiter)
        {
            Grant_NeedsLock(waiter, waiter.Room.TakeSeat(), ref settled);
        }
    }

    private void Grant_NeedsLock(Waiter waiter, Seat seat, ref SettledWaiters settled)
    {
        _deadlines.Remove(waiter);
        settled.Add(waiter, AdmissionResult.Admitted(new AdmissionLease(seat, seat.Begin(), waiter.ClientId, waiter.Data), waiter.WaitsFor));
    }

    private void Reclaim(Seat seat, int generation)
    {
        if (seat.TryEnd(generation))
        {
            Log.LeaseLeaked(_logger);
            Decide(new Seat(seat.Room));
        }
    }

    private void TakeOut_NeedsLock(Waiter waiter)
    {
        _seating.Remove(waiter);
        _deadlines.Remove(waiter);
    }

    private void Expire()
    {
        var settled = new List<Waiter>();
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _deadlines.Turn(_clock.Now, entry =>
            {
                var waiter = (Waiter)entry;

                // Who loses this has left at the same moment and tells so itself.
                if (waiter.TrySettle(WaiterState.Expired))
                {
                    var cap = _seating.BindingCap(waiter.Room);
                    var retry = RetryAfter_NeedsLock(AdmissionRefusal.DeadlineExceeded, waiter.Room, cap);
                    waiter.Outcome = AdmissionResult.Refused(AdmissionRefusal.DeadlineExceeded, cap, retry);
                    settled.Add(waiter);
                }

                _seating.Remove(waiter);
            });
        }

        foreach (var waiter in settled)
        {
            Tell(waiter);
        }
    }

    private void Drain_NeedsLock(ref SettledWaiters settled)
    {
        while ((_seating.Ready.First ?? _seating.Parked.First ?? _seating.Full.First)?.First is { } waiter)
        {
            TakeOut_NeedsLock(waiter);
            if (waiter.TrySettle(WaiterState.Drained))
            {
                settled.Add(waiter, AdmissionResult.Refused(AdmissionRefusal.Draining, waiter.WaitsFor));
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

    private void Tell(Waiter waiter)
    {
        // Told first of all, because what follows calls listeners of the application; and read before that, because then it is another's.
        var (outcome, waitedFor, enteredAt) = (waiter.Outcome, waiter.WaitsFor, waiter.EnteredAt);
        waiter.Complete();
        if (outcome.IsAdmitted)
        {
            _metrics.CountAdmitted(waitedFor);
            if (_metrics.MeasuresWaits)
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

    private void RequireNames(in AdmissionRequest request)
    {
        var maximum = _options.MaximumNameLength;
        NameRules.Require(request.Room, maximum, "room", "The room");
        if (request.ClientId is { } clientId)
        {
            NameRules.Require(clientId, maximum, "clientId", "The client id");
        }
    }
}
