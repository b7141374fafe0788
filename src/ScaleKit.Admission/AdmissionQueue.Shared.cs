namespace ScaleKit.Admission;

/// <content>
/// Seats that several processes share. The store decides; this queue keeps those who wait, tells them, and counts what it holds. While the store is away, the
/// same books decide, and what has become of that is told to the store when it is back.
/// </content>
public sealed partial class AdmissionQueue
{
    private readonly SharedSeats? _shared;
    private SeatTenure? _tenure;
    private volatile bool _isAway;

    /// <summary>Whether the queue shares its seats with other processes and their store does not answer: <see cref="AdmissionOptions.WhenStoreIsAway"/> decides.</summary>
    public bool IsAway => _isAway;

    internal Lock Gate => _gate;

    /// <summary>All that this node holds, at one moment; from then on the store decides, and all who wait are asked for once more.</summary>
    internal (List<SeatAction> Held, SeatCaps Caps) Announce(SharedSeats shared)
    {
        lock (_gate)
        {
            shared.Clear_NeedsLock();
            shared.Decides = _isEnabled;
            var held = new List<SeatAction>();
            var waiters = new List<Waiter>();
            foreach (var room in _seating.Rooms)
            {
                if (room.Seats > 0)
                {
                    held.Add(new SeatAction(SeatActionKind.Hold, room.Name) { Seats = room.Seats, Capacity = OwnCapacityOf(_options, room.Name) });
                }

                waiters.AddRange(room.Visitors.All());
            }

            if (shared.Decides)
            {
                _seating.Resize(_options);
                foreach (var waiter in waiters.OrderBy(waiter => waiter.Ask?.Number is > 0 and var number ? number : long.MaxValue).ThenBy(waiter => waiter.Number))
                {
                    var former = waiter.Ask;
                    Ask_NeedsLock(shared, waiter, former?.MayWait ?? true, former?.Number ?? 0);
                }
            }

            return (held, CapsOf(_options));
        }
    }

    /// <summary>Carries out what the store has decided: first the answers, in order, then the grants to those who waited. All of them are to be told.</summary>
    internal SettledWaiters Take(SharedSeats shared, SeatReply reply, IReadOnlyList<(SeatAction Action, SeatAsk? Ask)> sent)
    {
        var settled = default(SettledWaiters);
        lock (_gate)
        {
            shared.Known = reply;
            var at = 0;
            foreach (var (action, ask) in sent)
            {
                if (ask is not null && action.Kind is SeatActionKind.Enter or SeatActionKind.Locate && at < reply.Answers.Count)
                {
                    Answer_NeedsLock(shared, ask!, reply.Answers[at++], ref settled);
                }
            }

            foreach (var grant in reply.Grants)
            {
                if (shared.Standing.Remove(grant.Number, out var ask))
                {
                    Grant_NeedsLock(shared, ask, grant.Fence, ref settled);
                }
            }

            // Not before the grants: one may have been on its way to a visitor who was just leaving.
            foreach (var (action, ask) in sent)
            {
                if (action.Kind == SeatActionKind.Withdraw)
                {
                    _ = shared.Standing.Remove(ask!.Number);
                }
            }

            _heldWhenTold = (_seating.Seats, _seating.ActiveRooms);
            _seating.Elsewhere = shared.Decides ? (Math.Max(0, reply.Seats - _seating.Seats), Math.Max(0, reply.ActiveRooms - _seating.ActiveRooms)) : default;
            _seating.ObserveSaturation();
        }

        return settled;
    }

    /// <summary>All whom a step has decided for were told.</summary>
    internal void Told()
    {
        RaiseSaturation();
        if (_isAway)
        {
            _isAway = false;
            Log.StoreIsBack(_logger);
        }
    }

    /// <summary>The seats of this node were given to others: all its leases are lost, and what they stood for counts no longer.</summary>
    internal void Forfeit()
    {
        SeatTenure over;
        int seats;
        lock (_gate)
        {
            over = _tenure!;
            over.End();
            _tenure = new SeatTenure(_allLost.Token);
            seats = _seating.Seats;
            _seating.StandUpAll();
            _heldWhenTold = default;
            _seating.ObserveSaturation();
            Emptied_NeedsLock();
        }

        _metrics.CountLost(AdmissionDiagnostics.LeaseOverLoss, seats);
        Log.TenureOver(_logger, seats);
        RaiseSaturation();
        over.Tell();
    }

    /// <summary>Rules that look at all who wait, and that no store knows.</summary>
    private static void RequireSharable(AdmissionOptions options)
    {
        if (options.Discipline != AdmissionDiscipline.Fifo)
        {
            throw new ArgumentException($"{nameof(options.Discipline)} must be {AdmissionDiscipline.Fifo} where seats are shared with other processes.", nameof(options));
        }

        if (options.RoomWeights.Count > 0)
        {
            throw new ArgumentException($"{nameof(options.RoomWeights)} must be empty where seats are shared with other processes: rooms take turns.", nameof(options));
        }

        if (options.SameClient != AdmissionSameClient.Allow)
        {
            throw new ArgumentException(
                $"{nameof(options.SameClient)} must be {AdmissionSameClient.Allow} where seats are shared with other processes: a client that comes back comes to any of them.", nameof(options));
        }
    }

    private static SeatCaps CapsOf(AdmissionOptions options) =>
        new(options.RoomCapacity, options.ActiveRooms, options.TotalCapacity, options.QueueCapacity, options.RoomQueueCapacity, options.PriorityBurst);

    private static int OwnCapacityOf(AdmissionOptions options, string room) =>
        options.RoomCapacities.Count > 0 && options.RoomCapacities.TryGetValue(room, out var capacity) ? capacity : 0;

    /// <summary>A waiter whom the store answers; or the refusal.</summary>
    private Waiter? AskStore_NeedsLock(SharedSeats shared, in AdmissionRequest request, TimeSpan deadline, bool hasTicket, bool mayLeave, out AdmissionResult result)
    {
        result = default;
        if (_isDraining)
        {
            result = AdmissionResult.Refused(AdmissionRefusal.Draining, AdmissionCap.None, hint: _drainHint);
            return null;
        }

        // Who does not wait has no deadline: the store answers, or the queue takes over after its patience.
        var mayWait = deadline != TimeSpan.Zero;
        var room = _seating.Find(request.Room) ?? _seating.Open(request.Room);
        var waiter = Enqueue_NeedsLock(request, room, AdmissionCap.None, mayWait ? deadline : Timeout.InfiniteTimeSpan, hasTicket, mayLeave, place: null);
        Ask_NeedsLock(shared, waiter, mayWait, number: 0);
        return waiter;
    }

    private void Ask_NeedsLock(SharedSeats shared, Waiter waiter, bool mayWait, long number)
    {
        var ask = new SeatAsk(waiter, waiter.Room.Name, mayWait) { Number = number };
        waiter.Ask = ask;
        shared.Enter_NeedsLock(ask, OwnCapacityOf(_options, ask.Room));
    }

    private void Answer_NeedsLock(SharedSeats shared, SeatAsk ask, in SeatAnswer answer, ref SettledWaiters settled)
    {
        switch (answer.Outcome)
        {
            case SeatOutcome.Granted:
                Grant_NeedsLock(shared, ask, answer.Number, ref settled);
                break;
            case SeatOutcome.Refused:
                if (ask.Waiter is { } refused && refused.TrySettle(WaiterState.Refused))
                {
                    TakeOut_NeedsLock(refused);
                    settled.Add(refused, AdmissionResult.Refused((AdmissionRefusal)answer.Number, answer.Cap, answer.Place, _options.RetryAfterFallback));
                }

                break;
            default:
                Stand_NeedsLock(shared, ask, answer);
                break;
        }
    }

    private static void Stand_NeedsLock(SharedSeats shared, SeatAsk ask, in SeatAnswer answer)
    {
        var isNew = ask.Place == 0 || !shared.Standing.ContainsKey(answer.Number);
        if (answer.Place == 0)
        {
            return;
        }

        (ask.Number, ask.Place, ask.Cap, ask.IsOpen) = (answer.Number, answer.Place, answer.Cap, false);
        if (isNew)
        {
            shared.Standing[answer.Number] = ask;
        }

        if (ask.Waiter is null)
        {
            shared.Withdraw_NeedsLock(ask);
            return;
        }

        if (isNew)
        {
            ask.Waiter.WaitsFor = answer.Cap;
        }

        if (ask.Waiter.HasTicket)
        {
            shared.Locate_NeedsLock(ask);
        }
    }

    private void Grant_NeedsLock(SharedSeats shared, SeatAsk ask, long fence, ref SettledWaiters settled)
    {
        if (!shared.Decides)
        {
            return;
        }

        // The one decision between grant and leave, as in one process: who lost it here has left, and the seat goes back.
        if (ask.Waiter is { } waiter && waiter.TrySettle(WaiterState.Granted))
        {
            _seating.Remove(waiter);
            _seating.Sit(waiter.Room);
            ask.Waiter = null;
            settled.Add(waiter, Grant_NeedsLock(waiter, waiter.Room.TakeSeat(), new FencedData(waiter.Data, fence)));
        }
        else
        {
            shared.GiveBack_NeedsLock(ask.Room);
        }
    }

    /// <summary>The caps or the switch have changed.</summary>
    private void Share_NeedsLock(AdmissionOptions before, bool isSwitched, ref SettledWaiters settled)
    {
        if (_shared is not { } shared)
        {
            return;
        }

        if (isSwitched || !shared.Decides)
        {
            DecideAlone_NeedsLock(shared, ref settled);
        }
        else
        {
            shared.Resize_NeedsLock(CapsOf(_options));
            foreach (var room in before.RoomCapacities.Keys.Union(_options.RoomCapacities.Keys, StringComparer.Ordinal))
            {
                if (OwnCapacityOf(_options, room) is var capacity && capacity != OwnCapacityOf(before, room))
                {
                    shared.ResizeRoom_NeedsLock(room, capacity);
                }
            }
        }

        if (isSwitched)
        {
            shared.Join_NeedsLock();
        }
    }
}
