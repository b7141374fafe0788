namespace ScaleKit.Admission;

/// <content>The slow path: the kill switch, new caps, the snapshot.</content>
public sealed partial class AdmissionQueue
{
    /// <summary>Figures for tests: what the queue holds on to.</summary>
    internal (int Rooms, int Linked, int Deadlines) Holdings
    {
        get
        {
            lock (_gate)
            {
                return (_seating.RoomCount, _seating.Waiting, _wheel.Count);
            }
        }
    }

    /// <summary>For tests: whether a room gives out seats without the lock.</summary>
    internal bool HasLoans
    {
        get
        {
            lock (_gate)
            {
                return _seating.HasLoans;
            }
        }
    }

    private void Apply(Func<AdmissionOptions, AdmissionOptions>? options, bool? enabled)
    {
        var settled = default(SettledWaiters);
        AdmissionOptions before, after;
        bool isSwitched;
        int waiting;
        lock (_gate)
        {
            before = _options;
            after = options?.Invoke(before) ?? before;
            isSwitched = enabled is { } value && value != _isEnabled;
            waiting = _seating.Waiting;
            _options = after;
            _watchesSeats = Watches(after);
            _isEnabled ^= isSwitched;
            _seating.RecallAll();
            _seating.IsUnlimited = !_isEnabled;
            _seating.Lends = _shared is null && !_watchesSeats && !_isDraining;
            _seating.Resize(after);
            Share_NeedsLock(before, isSwitched, ref settled);
            SeatWaiters_NeedsLock(ref settled);
            settled.Add(TakeDismissed_NeedsLock());
            _seating.ObserveSaturation();
        }

        Report(before, after, isSwitched, waiting);
        Tell(ref settled);
    }

    /// <summary>Whether something must be written down of each seat, so that none is given without the lock.</summary>
    private static bool Watches(AdmissionOptions options) =>
        options.MaximumHold != Timeout.InfiniteTimeSpan || options.IdleTimeout != Timeout.InfiniteTimeSpan || options.SameClient != AdmissionSameClient.Allow;

    private void Listen(EventHandler<AdmissionRoomEventArgs>? handlers)
    {
        lock (_gate)
        {
            _roomChanged = handlers;
            ListenToRooms_NeedsLock();
        }
    }

    private void ListenToRooms_NeedsLock()
    {
        var tells = _roomChanged is not null || _metrics is { MeasuresRooms: true };
        if (tells != _seating.TellsOfRooms)
        {
            _seating.TellOfRooms(tells);
        }
    }

    private void Raise(EventArgs change)
    {
        if (change is AdmissionRoomEventArgs { InUseFor: { } inUse })
        {
            _metrics.RecordRoom(inUse);
        }

        switch (change)
        {
            case AdmissionSaturationEventArgs saturation: Saturation?.Invoke(this, saturation); break;
            case AdmissionRoomEventArgs room: _roomChanged?.Invoke(this, room); break;
            default: break;
        }
    }

    private void Report(AdmissionOptions before, AdmissionOptions after, bool isSwitched, int waiting)
    {
        if ((before.RoomCapacity, before.ActiveRooms, before.TotalCapacity) != (after.RoomCapacity, after.ActiveRooms, after.TotalCapacity))
        {
            Log.Resized(_logger, after.RoomCapacity, after.ActiveRooms, after.TotalCapacity);
            WarnOfIdleCaps(after);
        }

        if (!isSwitched)
        {
            return;
        }

        if (_isEnabled)
        {
            Log.SwitchedOn(_logger, _seating.Seats, after.TotalCapacity);
        }
        else
        {
            Log.SwitchedOff(_logger, waiting);
        }
    }

    /// <summary>Caps that contradict each other are no error, a shrink may need them for a while, but nobody should have to find out alone.</summary>
    private void WarnOfIdleCaps(AdmissionOptions options)
    {
        if (options.RoomCapacity > options.TotalCapacity)
        {
            Log.CapNeverBinds(_logger, AdmissionCap.Room, options.RoomCapacity, options.TotalCapacity);
        }

        if (options.ActiveRooms > options.TotalCapacity)
        {
            Log.CapNeverBinds(_logger, AdmissionCap.ActiveRooms, options.ActiveRooms, options.TotalCapacity);
        }
    }

    private (int Seats, int Rooms, int Waiting, TimeSpan OldestWait) Count()
    {
        lock (_gate)
        {
            // Whoever reads the gauges may have begun to listen to the instruments since.
            ListenToRooms_NeedsLock();
            _seating.RecallAll();
            var oldest = _seating.OldestEntry();
            return (_seating.Seats, _seating.ActiveRooms, _seating.Waiting, oldest is { } entered ? _clock.Now - entered : TimeSpan.Zero);
        }
    }

    private void RunProgress(bool run)
    {
        if (!_isDisposed)
        {
            var interval = run ? _progressInterval : Timeout.InfiniteTimeSpan;
            _ = _progressTimer.Change(interval, interval);
        }
    }

    private AdmissionSnapshot Snapshot_NeedsLock(int maximumRooms)
    {
        // From here on nothing moves without the lock: all figures are of one moment.
        _seating.RecallAll();
        var rooms = new List<AdmissionRoomSnapshot>();
        var leftOut = 0;
        foreach (var room in _seating.Rooms)
        {
            if (room.Seats == 0 && room.Waiting == 0)
            {
                continue;
            }

            if (rooms.Count < maximumRooms)
            {
                rooms.Add(new AdmissionRoomSnapshot { Room = room.Name, Seats = room.Seats, Waiting = room.Waiting });
            }
            else
            {
                leftOut++;
            }
        }

        // Where seats are shared the sums are those of all nodes; the rooms are those of this one.
        var (seats, active, waiting) = _shared is { Decides: true, Known: { } known }
            ? (known.Seats, known.ActiveRooms, known.Waiting)
            : (_seating.Seats, _seating.ActiveRooms, _seating.Waiting);
        rooms.Sort(static (left, right) => string.CompareOrdinal(left.Room, right.Room));
        return new AdmissionSnapshot
        {
            Seats = seats,
            ActiveRooms = active,
            Waiting = waiting,
            WaitingRooms = _seating.Ready.Count + _seating.Parked.Count + _seating.Full.Count,
            RoomCapacity = _seating.RoomCapacity,
            ActiveRoomCapacity = _seating.ActiveRoomCapacity,
            TotalCapacity = _seating.TotalCapacity,
            IsEnabled = _isEnabled,
            ReleasesPerSecond = _estimator.ReleasesPerSecond(_clock.Now),
            Rooms = rooms,
            RoomsLeftOut = leftOut,
        };
    }
}
