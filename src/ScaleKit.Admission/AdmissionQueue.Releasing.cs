namespace ScaleKit.Admission;

/// <content>The hot path: releasing and leaving. Each takes the lock once at most and tells the outcome after it.</content>
public sealed partial class AdmissionQueue
{
    // Guarded by the lock and empty whenever that is free.
    private SettledWaiters _dismissed;

    internal void Release(Seat seat)
    {
        if (seat.LostSource is not null)
        {
            Quiet(seat);
        }

        if (seat.ClientId is null && seat.Room.Loan.TryGiveBack())
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

    /// <summary>A seat is free. If it passes to the next of its room, nothing else changes: the usual case while a crowd waits.</summary>
    private void Decide(Seat seat)
    {
        if (_shared is not null)
        {
            GiveBack(_shared, seat);
            return;
        }

        var room = seat.Room;
        Waiter? next;
        var settled = default(SettledWaiters);
        lock (_gate)
        {
            _seating.Recall(room);
            _wheel.Remove(seat);
            Forget_NeedsLock(room, seat.ClientId, seat);
            seat.ClientId = null;
            next = _isDraining ? null : _seating.HandOver(room);
            if (next is not null)
            {
                next.Outcome = Grant_NeedsLock(next, seat);
            }
            else
            {
                StandUp_NeedsLock(seat, ref settled);
            }

            if (HasDismissed)
            {
                settled.Add(TakeDismissed_NeedsLock());
            }
        }

        if (next is not null)
        {
            Tell(next);
        }

        Tell(ref settled);
    }

    private void StandUp_NeedsLock(Seat seat, ref SettledWaiters settled)
    {
        seat.Room.TakeBack(seat);
        _seating.StandUp(seat.Room);
        SeatWaiters_NeedsLock(ref settled);
        _seating.ObserveSaturation(seat.Room);
        Emptied_NeedsLock();
    }

    private void SeatWaiters_NeedsLock(ref SettledWaiters settled)
    {
        while (!_isDraining && _shared is not { Decides: true } && _seating.SeatNext() is { } waiter)
        {
            settled.Add(waiter, Grant_NeedsLock(waiter, waiter.Room.TakeSeat()));
        }
    }

    private AdmissionResult Grant_NeedsLock(Waiter waiter, Seat seat, FencedData? data = null)
    {
        _deadlines.Leave(waiter);
        if (waiter.ResumableUntil != TimeSpan.Zero)
        {
            _places.Seated(waiter.Number, waiter.ResumableUntil);
        }

        return AdmissionResult.Admitted(Lease_NeedsLock(seat, waiter.ClientId, data ?? waiter.Data), waiter.WaitsFor);
    }

    private void TakeOut_NeedsLock(Waiter waiter)
    {
        _seating.Remove(waiter);
        Out_NeedsLock(waiter);
    }

    /// <summary>What remains to be done for one who has left the line without a seat.</summary>
    private void Out_NeedsLock(Waiter waiter)
    {
        _deadlines.Leave(waiter);
        Forget_NeedsLock(waiter.Room, waiter.ClientId, waiter);
        if (_shared is not null && waiter.Ask is { } ask)
        {
            _shared.Withdraw_NeedsLock(ask);
        }

        if (waiter.ResumableUntil != TimeSpan.Zero)
        {
            _places.Leave(waiter.Number);
            waiter.ResumableUntil = TimeSpan.Zero;
        }
    }

    private bool HasDismissed => _dismissed.Any || _seating.HasShed;

    /// <summary>Those whose wait somebody else has ended: who were shed and who were replaced.</summary>
    private SettledWaiters TakeDismissed_NeedsLock()
    {
        var dismissed = _dismissed;
        _dismissed = default;
        if (_seating.HasShed)
        {
            var shed = _seating.TakeShed();
            for (var waiter = shed.First; waiter is not null; waiter = waiter.Next)
            {
                Out_NeedsLock(waiter);
            }

            dismissed.Add(shed);
        }

        return dismissed;
    }

    private void GiveBack(SharedSeats shared, Seat seat)
    {
        var settled = default(SettledWaiters);
        lock (_gate)
        {
            _wheel.Remove(seat);
            Forget_NeedsLock(seat.Room, seat.ClientId, seat);
            seat.ClientId = null;
            if (seat.Tenure is { IsOver: true })
            {
                seat.Room.TakeBack(seat);
                return;
            }

            if (shared.Decides)
            {
                shared.GiveBack_NeedsLock(seat.Room.Name);
            }

            StandUp_NeedsLock(seat, ref settled);
            settled.Add(TakeDismissed_NeedsLock());
        }

        Tell(ref settled);
    }
}
