using System.Diagnostics;

namespace ScaleKit.Admission;

/// <content>The hot path: entering, leaving, releasing, expiring. Each takes the lock once and tells the outcome after it.</content>
public sealed partial class AdmissionQueue
{
    internal void Release(Seat seat)
    {
        if (seat.LostSource is not null)
        {
            Quiet(seat);
        }

        if (seat.Room.Loan.TryGiveBack())
        {
            seat.Room.TakeBack(seat);
        }
        else
        {
            Decide(seat);
        }
    }

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
            var place = PlaceOf_NeedsLock(waiter);
            TakeOut_NeedsLock(waiter);
            settled.Add(waiter, AdmissionResult.Refused(AdmissionRefusal.Cancelled, waiter.WaitsFor, place));
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

        result = AdmissionResult.Admitted(Lease(room.TakeSeat(), request.ClientId, request.Data), AdmissionCap.None);
        _metrics.CountAdmitted(AdmissionCap.None);
        return null;
    }

    /// <summary>A waiter; or a room in which a seat was taken; or no room, and the refusal.</summary>
    private Waiter? Decide_NeedsLock(in AdmissionRequest request, TimeSpan deadline, bool hasTicket, bool hasToken, ref Room? room, out AdmissionResult result)
    {
        result = default;
        room = _seating.Find(request.Room, room);
        var cap = _seating.Decide(room, request.Room);
        if (cap == AdmissionCap.None && !_isDraining)
        {
            Debug.Assert(room is null || room.Waiting == 0, "A free seat belongs to those who wait.");
            _seating.Sit(room ??= _seating.Open(request.Room));
            _seating.ObserveSaturation();
            _seating.Lend(room);
            return null;
        }

        var place = 1 + (room?.Waiting ?? 0) - (room?.Visitors.After(request.Priority) ?? 0);
        var refusal = Refusal_NeedsLock(room, cap, place, deadline);
        if (refusal == AdmissionRefusal.None)
        {
            return Enqueue_NeedsLock(request, room ?? _seating.Open(request.Room), cap, deadline, hasTicket, hasToken);
        }

        result = refusal == AdmissionRefusal.Draining
            ? AdmissionResult.Refused(refusal, cap, hint: _drainHint)
            : AdmissionResult.Refused(refusal, cap, place, RetryAfter_NeedsLock(room, cap));
        room = null;
        return null;
    }

    private AdmissionRefusal Refusal_NeedsLock(Room? room, AdmissionCap cap, int place, TimeSpan deadline)
    {
        if (_isDraining)
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

        if ((room?.Waiting ?? 0) >= _options.RoomQueueCapacity)
        {
            return AdmissionRefusal.RoomQueueFull;
        }

        return _options.RefuseHopelessWaits && deadline != Timeout.InfiniteTimeSpan && Estimate_NeedsLock(room, cap, place) > deadline
            ? AdmissionRefusal.DeadlineHopeless
            : AdmissionRefusal.None;
    }

    private Waiter Enqueue_NeedsLock(in AdmissionRequest request, Room room, AdmissionCap cap, TimeSpan deadline, bool hasTicket, bool hasToken)
    {
        var now = _clock.Now;
        var waiter = (hasTicket ? null : SpareWaiters.Take()) ?? new Waiter(hasTicket);
        waiter.Begin(this, room, request, cap, now, ++_arrivals, hasToken);
        _seating.Enqueue(waiter);
        _deadlines.Enter(waiter, now, deadline);
        return waiter;
    }

    /// <summary>A seat is free. If it passes to the next of its room, nothing else changes: the usual case while a crowd waits.</summary>
    private void Decide(Seat seat)
    {
        var room = seat.Room;
        Waiter? next;
        SettledWaiters settled;
        lock (_gate)
        {
            _seating.Recall(room);
            _wheel.Remove(seat);
            next = _isDraining ? null : _seating.HandOver(room);
            if (next is not null)
            {
                settled = default;
                next.Outcome = Grant_NeedsLock(next, seat);
            }
            else
            {
                settled = StandUp_NeedsLock(seat);
            }
        }

        if (next is not null)
        {
            Tell(next);
            RaiseSaturation();
        }
        else
        {
            Tell(ref settled);
        }
    }

    private SettledWaiters StandUp_NeedsLock(Seat seat)
    {
        var settled = default(SettledWaiters);
        seat.Room.TakeBack(seat);
        _seating.StandUp(seat.Room);
        SeatWaiters_NeedsLock(ref settled);
        _seating.ObserveSaturation(seat.Room);
        Emptied_NeedsLock();
        return settled;
    }

    private void SeatWaiters_NeedsLock(ref SettledWaiters settled)
    {
        while (!_isDraining && _seating.SeatNext() is { } waiter)
        {
            settled.Add(waiter, Grant_NeedsLock(waiter, waiter.Room.TakeSeat()));
        }
    }

    private AdmissionResult Grant_NeedsLock(Waiter waiter, Seat seat)
    {
        _deadlines.Leave(waiter);
        return AdmissionResult.Admitted(Lease_NeedsLock(seat, waiter.ClientId, waiter.Data), waiter.WaitsFor);
    }

    private void TakeOut_NeedsLock(Waiter waiter)
    {
        _seating.Remove(waiter);
        _deadlines.Leave(waiter);
    }

    private void RequireNames(in AdmissionRequest request)
    {
        var maximum = _options.MaximumNameLength;
        NameRules.Require(request.Room, maximum, "room", "The room");
        if (request.Priority is < AdmissionPriority.Low or > AdmissionPriority.High)
        {
            throw new ArgumentOutOfRangeException(nameof(request), request.Priority, "Priority must be Low, Normal or High.");
        }

        if (request.ClientId is { } clientId)
        {
            NameRules.Require(clientId, maximum, "clientId", "The client id");
        }
    }
}
