using System.Diagnostics;

namespace ScaleKit.Admission;

/// <content>The hot path: entering. It takes the lock once at most and tells the outcome after it.</content>
public sealed partial class AdmissionQueue
{
    private SpareWaiters _spares;

    /// <summary>The visitor has read its answer. Needs no lock.</summary>
    internal void TakeBack(Waiter waiter) => _spares.Return(waiter);

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
        var room = RequireNames(request);
        if (request.Deadline is { } deadline)
        {
            AdmissionOptionsRules.RequireDeadline(deadline, nameof(request), nameof(request.Deadline));
        }
        else
        {
            deadline = _options.DefaultDeadline;
        }

        if (cancellationToken.IsCancellationRequested)
        {
            result = AdmissionResult.Refused(AdmissionRefusal.Cancelled, AdmissionCap.None);
            _metrics.CountRefused(result);
            return null;
        }

        var waiter = SitOrWait(request, room, deadline, hasTicket, cancellationToken.CanBeCanceled, out result);
        if (cancellationToken.CanBeCanceled)
        {
            waiter?.LeaveOn(cancellationToken);
        }

        return waiter;
    }

    /// <summary>A waiter, or <see langword="null"/> and a result.</summary>
    private Waiter? SitOrWait(in AdmissionRequest request, Room? room, TimeSpan deadline, bool hasTicket, bool mayLeave, out AdmissionResult result)
    {
        result = default;
        if (room is null || !room.Loan.TryTake())
        {
            Waiter? waiter;
            var dismissed = default(SettledWaiters);
            lock (_gate)
            {
                waiter = Decide_NeedsLock(request, deadline, hasTicket, mayLeave, ref room, out result);
                if (HasDismissed)
                {
                    dismissed = TakeDismissed_NeedsLock();
                }
            }

            if (dismissed.Any)
            {
                Tell(ref dismissed);
            }

            if (waiter is not null)
            {
                return waiter;
            }

            if (room is null)
            {
                _metrics.CountRefused(result);
                return null;
            }

            RaiseSaturation();
        }

        if (!result.IsAdmitted)
        {
            result = AdmissionResult.Admitted(Begin(room.TakeSeat(), request.ClientId, request.Data), AdmissionCap.None);
        }

        _metrics.CountAdmitted(AdmissionCap.None);
        return null;
    }

    /// <summary>A waiter; or a room in which a seat was taken; or no room, and the refusal.</summary>
    private Waiter? Decide_NeedsLock(in AdmissionRequest request, TimeSpan deadline, bool hasTicket, bool mayLeave, ref Room? room, out AdmissionResult result)
    {
        result = default;
        room = _seating.Find(request.Room, room);
        long? place = null;
        if (!_isDraining && Present_NeedsLock(request, room) is { } present)
        {
            if (_options.SameClient == AdmissionSameClient.Reject)
            {
                room = null;
                result = AdmissionResult.Refused(AdmissionRefusal.AlreadyPresent, AdmissionCap.None);
                return null;
            }

            if (present is Seat held && TryReplaceSeat_NeedsLock(request, held, out result))
            {
                return null;
            }

            place = present is Waiter older ? TryReplaceWaiter_NeedsLock(older) : null;
            room = _seating.Find(request.Room, room);
        }

        if (_shared is { Decides: true })
        {
            room = null;
            return AskStore_NeedsLock(_shared, request, deadline, hasTicket, mayLeave, out result);
        }

        var cap = _seating.Decide(room, request.Room);
        if (cap == AdmissionCap.None && !_isDraining)
        {
            Debug.Assert(room is null || room.Waiting == 0, "A free seat belongs to those who wait.");
            _seating.Sit(room ??= _seating.Open(request.Room));
            _seating.ObserveSaturation();
            _seating.Lend(room);
            if (_shared is not null || _watchesSeats)
            {
                result = AdmissionResult.Admitted(Lease_NeedsLock(room.TakeSeat(), request.ClientId, request.Data), AdmissionCap.None);
            }

            return null;
        }

        var position = 1 + (room?.Waiting ?? 0) - (room?.Visitors.After(request.Priority) ?? 0);
        var refusal = Refusal_NeedsLock(room, cap, position, deadline);
        if (refusal == AdmissionRefusal.None)
        {
            return Enqueue_NeedsLock(request, room ?? _seating.Open(request.Room), cap, deadline, hasTicket, mayLeave, place);
        }

        result = refusal == AdmissionRefusal.Draining
            ? AdmissionResult.Refused(refusal, cap, hint: _drainHint)
            : AdmissionResult.Refused(refusal, cap, position, RetryAfter_NeedsLock(room, cap));
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

    private Waiter Enqueue_NeedsLock(
        in AdmissionRequest request, Room room, AdmissionCap cap, TimeSpan deadline, bool hasTicket, bool mayLeave, long? place)
    {
        var now = _clock.Now;
        var waiter = (hasTicket ? null : _spares.Take_NeedsLock()) ?? new Waiter(hasTicket);
        waiter.Begin(room, request, cap, now, ++_arrivals, mayLeave);
        if (place is { } number)
        {
            waiter.Replace(number);
        }
        else if (request.ResumeToken is { } token)
        {
            Resume_NeedsLock(waiter, token, now);
        }

        Remember_NeedsLock(room, request.ClientId, waiter);
        _seating.Enqueue(waiter);
        _deadlines.Enter(waiter, now, deadline);
        return waiter;
    }

    /// <summary>The room, if there is one of that name: then the name was looked at before.</summary>
    private Room? RequireNames(in AdmissionRequest request)
    {
        var maximum = _options.MaximumNameLength;
        var room = request.Room?.Length <= maximum ? _seating.Find(request.Room) : null;
        if (room is null)
        {
            NameRules.Require(request.Room, maximum, "room", "The room");
        }

        if (request.Priority is < AdmissionPriority.Low or > AdmissionPriority.High)
        {
            throw new ArgumentOutOfRangeException(nameof(request), request.Priority, "Priority must be Low, Normal or High.");
        }

        if (request.ClientId is { } clientId)
        {
            NameRules.Require(clientId, maximum, "clientId", "The client id");
        }

        return room;
    }
}
