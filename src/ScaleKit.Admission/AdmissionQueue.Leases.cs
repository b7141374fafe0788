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

            if (_options.MaximumHold == Timeout.InfiniteTimeSpan && seat.DueTick == 0)
            {
                return _allLost.Token;
            }

            seat.LostSource ??= CancellationTokenSource.CreateLinkedTokenSource(_allLost.Token);
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

            seat.LostGeneration = generation;
            told = seat.LostSource;
        }

        _metrics.CountLost(loss);
        Log.LeaseLost(_logger, loss, seat.GivenAt ?? "");
        Decide(new Seat(seat.Room));

        // Callbacks of the application: on another thread, and not before the seat is somebody else's.
        _ = told?.CancelAsync();
    }

    private AdmissionLease Lease(Seat seat, string? clientId, object? data)
    {
        if (_options.MaximumHold == Timeout.InfiniteTimeSpan)
        {
            return Begin(seat, clientId, data);
        }

        lock (_gate)
        {
            return Lease_NeedsLock(seat, clientId, data);
        }
    }

    private AdmissionLease Lease_NeedsLock(Seat seat, string? clientId, object? data)
    {
        var lease = Begin(seat, clientId, data);
        if (_options.MaximumHold != Timeout.InfiniteTimeSpan)
        {
            _wheel.Remove(seat);
            seat.HeldGeneration = seat.Generation;
            var now = _clock.Now;
            _wheel.Add(seat, now, DeadlineWheel.TickAt(now + _options.MaximumHold));
        }

        return lease;
    }

    private AdmissionLease Begin(Seat seat, string? clientId, object? data)
    {
        seat.GivenAt = _options.CaptureLeaseStacks ? Environment.StackTrace : null;
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
