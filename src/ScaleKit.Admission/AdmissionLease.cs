namespace ScaleKit.Admission;

/// <summary>A seat. It is taken until the lease is disposed, so dispose it when the connection ends. Thread-safe.</summary>
public sealed class AdmissionLease : IAsyncDisposable
{
    private readonly AdmissionQueue _queue;
    private readonly Room _room;
    private int _isReleased;

    internal AdmissionLease(AdmissionQueue queue, Room room, string? clientId, object? data)
    {
        _queue = queue;
        _room = room;
        ClientId = clientId;
        Data = data;
    }

    /// <summary>The room in which the seat is.</summary>
    public string Room => _room.Name;

    /// <summary>The visitor, as the request named it; <see langword="null"/> for a nameless one.</summary>
    public string? ClientId { get; }

    /// <summary>What the request carried.</summary>
    public object? Data { get; }

    /// <summary>Whether the seat was given back.</summary>
    public bool IsReleased => Volatile.Read(ref _isReleased) != 0;

    /// <summary>
    /// Gives the seat back and admits whoever is next. Only the first call does something, however many there are and from however many threads.
    /// Completes at once and never throws, also after the queue was disposed.
    /// </summary>
    /// <returns>A completed task.</returns>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 0)
        {
            _queue.Release(_room);
        }

        return ValueTask.CompletedTask;
    }
}
