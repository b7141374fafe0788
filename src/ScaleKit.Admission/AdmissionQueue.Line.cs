using System.Diagnostics;

namespace ScaleKit.Admission;

/// <content>The hot path: entering, leaving, releasing, expiring. Each takes the lock once and tells the outcome after it.</content>
public sealed partial class AdmissionQueue
{
    internal void Release(Room room)
    {
        var settled = default(SettledWaiters);
        lock (_gate)
        {
            _seating.StandUp(room);
            SeatWaiters_NeedsLock(ref settled);
            _seating.ObserveSaturation(room);
        }

        Tell(ref settled);
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

    private Waiter? SitOrWait(in AdmissionRequest request, CancellationToken cancellationToken, out AdmissionResult result)
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

        var waiter = SitOrWait(request, deadline, out result);
        waiter?.LeaveOn(cancellationToken);
        return waiter;
    }

    /// <summary>A waiter, or <see langword="null"/> and a result.</summary>
    private Waiter? SitOrWait(in AdmissionRequest request, TimeSpan deadline, out AdmissionResult result)
    {
        Room? room;
        lock (_gate)
        {
            room = _seating.Find(request.Room);
            var cap = _seating.BindingCap(room);
            if (cap != AdmissionCap.None || _isDisposed)
            {
                var refusal = Refusal_NeedsLock(room, deadline);
                if (refusal == AdmissionRefusal.None)
                {
                    result = default;
                    return Enqueue_NeedsLock(request, room, cap, deadline);
                }

                result = AdmissionResult.Refused(refusal, cap, RetryAfter_NeedsLock(refusal, room, cap));
                room = null;
            }
            else
            {
                Debug.Assert(room is null || room.Waiting == 0, "A free seat belongs to those who wait.");
                _seating.Sit(room ??= _seating.Open(request.Room));
                _seating.ObserveSaturation();
                result = default;
            }
        }

        if (room is null)
        {
            _metrics.CountRefused(result);
            return null;
        }

        result = AdmissionResult.Admitted(new AdmissionLease(this, room, request.ClientId, request.Data), AdmissionCap.None);
        _metrics.CountAdmitted(AdmissionCap.None);
        RaiseSaturation();
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

    private Waiter Enqueue_NeedsLock(in AdmissionRequest request, Room? room, AdmissionCap cap, TimeSpan deadline)
    {
        var now = _timeProvider.GetTimestamp();
        var waiter = new Waiter(this, room ?? _seating.Open(request.Room), request, cap, now);
        _seating.Enqueue(waiter);
        if (deadline != Timeout.InfiniteTimeSpan)
        {
            _deadlines.Add(waiter, _timeProvider.GetElapsedTime(_startedAt, now), deadline);
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
        var estimate = _estimator.Estimate(cap, room?.Seats ?? 0, (room?.Waiting ?? 0) + 1, cap == AdmissionCap.Room ? 0 : roomsAhead, Elapsed());
        var retry = estimate ?? _options.RetryAfterFallback;
        return retry < ShortestRetry ? ShortestRetry : retry > LongestRetry ? LongestRetry : retry;
    }

    private void SeatWaiters_NeedsLock(ref SettledWaiters settled)
    {
        while (!_isDisposed && _seating.SeatNext() is { } waiter)
        {
            _deadlines.Remove(waiter);
            settled.Add(waiter, AdmissionResult.Admitted(new AdmissionLease(this, waiter.Room, waiter.ClientId, waiter.Data), waiter.WaitsFor));
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

            _deadlines.Turn(Elapsed(), waiter =>
            {
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
        var outcome = waiter.Outcome;
        if (outcome.IsAdmitted)
        {
            _metrics.CountAdmitted(waiter.WaitsFor);
            if (_metrics.MeasuresWaits)
            {
                _metrics.RecordWait(_timeProvider.GetElapsedTime(waiter.EnteredAt), waiter.WaitsFor);
            }
        }
        else
        {
            _metrics.CountRefused(outcome);
        }

        waiter.Complete();
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

    private TimeSpan Elapsed() => _timeProvider.GetElapsedTime(_startedAt);
}
