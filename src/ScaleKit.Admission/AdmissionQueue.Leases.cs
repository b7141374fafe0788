namespace ScaleKit.Admission;

/// <content>Leases that end otherwise than by being disposed: held too long, lost by the application, drained by force.</content>
public sealed partial class AdmissionQueue
{
    private readonly CancellationTokenSource _allLost = new();

    internal CancellationToken LostToken(Seat seat, int generation)
    {
        lock (_gate)
        {
            if (seat.Generation != generation)
            {
                return new CancellationToken(seat.LostGeneration == generation);
            }

            if (!_watchesSeats && seat is { DueTick: 0, ClientId: null })
            {
                return seat.Tenure?.Lost ?? _allLost.Token;
            }

            seat.LostSource ??= CancellationTokenSource.CreateLinkedTokenSource(seat.Tenure?.Lost ?? _allLost.Token);
            return seat.LostSource.Token;
        }
    }

    /// <summary>A lease was lost without having been disposed. On the finalizer's thread, which must not be held up.</summary>
    internal void Lost(Seat seat, int generation) => _ = ThreadPool.UnsafeQueueUserWorkItem(
        static lost =>
        {
            // A queue that ended, or was itself lost, has nobody to give the seat to.
            if (!lost.Queue._isDisposed)
            {
                lost.Queue.TakeAway(lost.Seat, lost.Generation, AdmissionDiagnostics.LeakedLoss);
            }
        },
        (Queue: this, Seat: seat, Generation: generation),
        preferLocal: false);

    /// <summary>Ends a lease that its holder has not ended, unless it does in the same moment. The seat itself is not used again: a stale lease may still ask it.</summary>
    private void TakeAway(Seat seat, int generation, string loss)
    {
        CancellationTokenSource? told;
        lock (_gate)
        {
            if (!seat.TryEnd(generation))
            {
                return;
            }

            told = Ended_NeedsLock(seat, generation);
        }

        _metrics.CountLost(loss);
        Log.LeaseLost(_logger, loss, seat.GivenAt ?? "");
        Decide(new Seat(seat.Room) { Tenure = seat.Tenure });

        // Callbacks of the application: on another thread, and not before the seat is somebody else's.
        _ = told?.CancelAsync();
    }

    internal void Beat(Seat seat) => seat.LastBeat = (_clock.Now + _clock.Lag).Ticks;

    /// <summary>What remains to be done for a lease that ended against its holder's will; returns what tells it.</summary>
    private static CancellationTokenSource? Ended_NeedsLock(Seat seat, int generation)
    {
        Forget_NeedsLock(seat.Room, seat.ClientId, seat);
        seat.ClientId = null;
        seat.LostGeneration = generation;
        return seat.LostSource;
    }

    /// <summary>Why the seat is to be taken away now; null, and on the wheel again, where the holder has given a sign of life.</summary>
    private string? Overdue_NeedsLock(Seat seat, TimeSpan now)
    {
        if (seat.HoldEnds <= now)
        {
            return AdmissionDiagnostics.MaximumHoldLoss;
        }

        var idle = _options.IdleTimeout;
        if (idle != Timeout.InfiniteTimeSpan && new TimeSpan(seat.LastBeat) + idle <= now)
        {
            return AdmissionDiagnostics.IdleLoss;
        }

        SetAlarm_NeedsLock(seat, now);
        return null;
    }

    private void SetAlarm_NeedsLock(Seat seat, TimeSpan now)
    {
        var idle = _options.IdleTimeout;
        var due = idle == Timeout.InfiniteTimeSpan ? seat.HoldEnds : new TimeSpan(seat.LastBeat) + idle;
        due = due < seat.HoldEnds ? due : seat.HoldEnds;
        if (due != TimeSpan.MaxValue)
        {
            _wheel.Add(seat, now, DeadlineWheel.TickAt(due));
        }
    }

    private AdmissionLease Lease_NeedsLock(Seat seat, string? clientId, object? data)
    {
        var lease = Begin(seat, clientId, data);
        if (!_watchesSeats)
        {
            return lease;
        }

        seat.HeldGeneration = seat.Generation;
        if (TracksClients)
        {
            seat.ClientId = clientId;
            Remember_NeedsLock(seat.Room, clientId, seat);
        }

        _wheel.Remove(seat);
        var now = _clock.Now;
        var latest = now + _clock.Lag;
        seat.LastBeat = latest.Ticks;
        seat.HoldEnds = _options.MaximumHold == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : latest + _options.MaximumHold;
        SetAlarm_NeedsLock(seat, now);
        return lease;
    }

    private AdmissionLease Begin(Seat seat, string? clientId, object? data)
    {
        if (_shared is not null)
        {
            seat.Tenure = _tenure;
        }

        if (_options.CaptureLeaseStacks)
        {
            seat.GivenAt = Environment.StackTrace;
        }
        else
        {
            seat.GivenAt = null;
        }

        return new AdmissionLease(seat, seat.Begin(), clientId, data);
    }

    private void Quiet(Seat seat)
    {
        lock (_gate)
        {
            seat.LostSource?.Dispose();
            seat.LostSource = null;
        }
    }
}
