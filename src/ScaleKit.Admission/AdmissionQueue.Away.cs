namespace ScaleKit.Admission;

/// <content>While the store of shared seats does not answer: the queue's own books decide, within the node's share.</content>
public sealed partial class AdmissionQueue
{
    /// <summary>The store did not answer for <paramref name="time"/>. When that is longer than the queue's patience, the queue decides by itself.</summary>
    internal void Failed(SharedSeats shared, Exception failure, TimeSpan time)
    {
        if (_isDisposed || time < _options.StorePatience || (_isAway && !shared.Decides))
        {
            return;
        }

        var settled = default(SettledWaiters);
        lock (_gate)
        {
            DecideAlone_NeedsLock(shared, ref settled);
        }

        if (!_isAway)
        {
            _isAway = true;
            Log.StoreIsAway(_logger, _options.WhenStoreIsAway, failure);
        }

        Tell(ref settled);
    }

    private void DecideAlone_NeedsLock(SharedSeats shared, ref SettledWaiters settled)
    {
        var wasDecided = shared.Decides;
        shared.Decides = false;
        _seating.Elsewhere = default;
        _seating.IsUnlimited = !_isEnabled || _options.WhenStoreIsAway == AdmissionFallback.Open;
        if (_options.WhenStoreIsAway != AdmissionFallback.Open)
        {
            _seating.Resize(Share(shared.Known));
        }

        SeatWaiters_NeedsLock(ref settled);
        if (!wasDecided)
        {
            return;
        }

        foreach (var waiter in _seating.Rooms.SelectMany(room => room.Visitors.All()).ToArray())
        {
            if (waiter.Ask is { } ask)
            {
                (ask.Place, ask.IsOpen) = (0, false);
                if (!ask.MayWait && waiter.TrySettle(WaiterState.Refused))
                {
                    TakeOut_NeedsLock(waiter);
                    settled.Add(waiter, AdmissionResult.Refused(AdmissionRefusal.NoSeat, AdmissionCap.Total, retryAfter: _options.RetryAfterFallback));
                }
            }
        }
    }

    /// <summary>
    /// What this node holds and its part of what was free when the store last answered. Where all nodes lost the store at one moment, the sum over the nodes
    /// does not exceed the total, and not the active rooms but by those that several nodes had people in: each of these nodes may open another when it empties there.
    /// </summary>
    private AdmissionOptions Share(SeatReply? known)
    {
        var share = _options.Copy();
        var isClosed = known is null || _options.WhenStoreIsAway == AdmissionFallback.Closed;
        var nodes = Math.Max(1, known?.Nodes ?? 1);
        share.TotalCapacity = isClosed ? 0 : _seating.Seats + (Math.Max(0, _options.TotalCapacity - known!.Seats) / nodes);
        share.ActiveRooms = isClosed ? 0 : _seating.ActiveRooms + (Math.Max(0, _options.ActiveRooms - known!.ActiveRooms) / nodes);
        share.RoomCapacity = Math.Max(1, _options.RoomCapacity / nodes);
        foreach (var (room, capacity) in _options.RoomCapacities)
        {
            share.RoomCapacities[room] = Math.Max(1, capacity / nodes);
        }

        return share;
    }
}
