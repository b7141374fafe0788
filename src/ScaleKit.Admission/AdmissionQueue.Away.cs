namespace ScaleKit.Admission;

/// <content>While the store of shared seats does not answer: the queue's own books decide, within the node's share.</content>
public sealed partial class AdmissionQueue
{
    // Of the same moment as what the store has told last: what has been admitted since is of the share, not beside it.
    private (int Seats, int ActiveRooms) _heldWhenTold;

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
    /// What this node held and its part of what was free when the store last answered. Where all nodes lost the store at one moment, the sum over the nodes
    /// does not exceed the total, nor the active rooms as long as those of the nodes, summed, do not.
    /// </summary>
    /// <remarks>
    /// A room in which several nodes have people counts for each of them: when it empties on one, that node may open another, and the others still use the slot.
    /// Where the rooms counted so are more than the cap, each node has a part in proportion, and until it is below that opens none: the cap can
    /// then be exceeded by what some open while others still use the rooms that they shared, so at most by the cap again.
    /// </remarks>
    private AdmissionOptions Share(SeatReply? known)
    {
        var share = _options.Copy();
        var isClosed = known is null || _options.WhenStoreIsAway == AdmissionFallback.Closed;
        var nodes = Math.Max(1, known?.Nodes ?? 1);
        var (seats, rooms) = _heldWhenTold;
        share.TotalCapacity = isClosed ? 0 : seats + (Math.Max(0, _options.TotalCapacity - known!.Seats) / nodes);
        share.ActiveRooms = isClosed ? 0
            : known!.NodeRooms <= _options.ActiveRooms ? rooms + ((_options.ActiveRooms - known.NodeRooms) / nodes)
            : (int)((long)rooms * _options.ActiveRooms / known.NodeRooms);
        share.RoomCapacity = Math.Max(1, _options.RoomCapacity / nodes);
        foreach (var (room, capacity) in _options.RoomCapacities)
        {
            share.RoomCapacities[room] = Math.Max(1, capacity / nodes);
        }

        return share;
    }
}
