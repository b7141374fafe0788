namespace ScaleKit.Admission;

/// <summary>A seat. It is taken until the lease is disposed, so dispose it when the connection ends. Thread-safe.</summary>
public sealed class AdmissionLease : IAsyncDisposable
{
    private readonly Seat _seat;
    private readonly int _generation;
    private readonly object? _data;

    internal AdmissionLease(Seat seat, int generation, string? clientId, object? data)
    {
        _seat = seat;
        _generation = generation;
        ClientId = clientId;
        _data = data;
    }

    /// <summary>The room in which the seat is.</summary>
    public string Room => _seat.Room.Name;

    /// <summary>The visitor, as the request named it; <see langword="null"/> for a nameless one.</summary>
    public string? ClientId { get; }

    /// <summary>What the request carried.</summary>
    public object? Data => _data is FencedData fenced ? fenced.Data : _data;

    /// <summary>
    /// Where the seats are shared: greater than the number of every grant before it, over all nodes. What the visitor writes elsewhere can carry it, so that one
    /// who has lost the seat and does not know it yet is told from the one who has it now. 0 for a seat that was given without the store.
    /// </summary>
    public long FencingNumber => _data is FencedData fenced ? fenced.Fence : 0;

    /// <summary>
    /// Cancelled when the seat was taken away from this lease: it was held longer than <see cref="AdmissionOptions.MaximumHold"/>,
    /// silent for <see cref="AdmissionOptions.IdleTimeout"/>, taken over by the same client, the queue drains by force,
    /// or this node did not reach the store of shared seats for its lease.
    /// Close the connection then. Giving the seat back oneself does not cancel it.
    /// </summary>
    public CancellationToken LeaseLost => _seat.Room.Queue.LostToken(_seat, _generation);

    /// <summary>For tests.</summary>
    internal Seat Seat => _seat;

    /// <summary>Whether the seat was given back or taken away.</summary>
    public bool IsReleased => _seat.Generation != _generation || _seat.Tenure is { IsOver: true };

    /// <summary>
    /// A sign of life, where the queue has an <see cref="AdmissionOptions.IdleTimeout"/>: call it when something is heard from the connection. Takes no lock and allocates
    /// nothing.
    /// </summary>
    /// <returns><see langword="false"/> when the lease has ended.</returns>
    public bool Beat()
    {
        if (_seat.Generation != _generation)
        {
            return false;
        }

        _seat.Room.Queue.Beat(_seat);
        return true;
    }

    /// <summary>
    /// Gives the seat back and admits whoever is next. Only the first call does something, however many there are and from however many threads.
    /// Completes at once and never throws, also after the queue was disposed.
    /// </summary>
    /// <returns>A completed task.</returns>
    public ValueTask DisposeAsync()
    {
        if (_seat.TryEnd(_generation))
        {
            _seat.Room.Queue.Release(_seat);
        }

        return ValueTask.CompletedTask;
    }
}
