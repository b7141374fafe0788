using System.Runtime.CompilerServices;

namespace ScaleKit.Admission;

/// <summary>A place in the waiting line, from <see cref="AdmissionQueue.Enter"/>. Thread-safe.</summary>
/// <remarks>
/// Disposing leaves the line. A seat that was granted meanwhile and that nobody has asked for (<see cref="Completion"/> was never read) is given
/// back; once it was read, the lease in it belongs to the reader.
/// </remarks>
public sealed class AdmissionTicket : IAsyncDisposable
{
    private readonly AdmissionQueue _queue;
    private readonly Waiter? _waiter;
    private readonly Task<AdmissionResult> _completion;
    private int _isTaken;

    internal AdmissionTicket(AdmissionQueue queue, in AdmissionRequest request, Waiter? waiter, Task<AdmissionResult> completion)
    {
        _queue = queue;
        _waiter = waiter;
        _completion = completion;
        Room = request.Room;
        ClientId = request.ClientId;
        Data = request.Data;
    }

    /// <summary>The room that the visitor waits for.</summary>
    public string Room { get; }

    /// <summary>The visitor, as the request named it.</summary>
    public string? ClientId { get; }

    /// <summary>What the request carried.</summary>
    public object? Data { get; }

    /// <summary>
    /// The place among the waiting visitors of the same room, 1 being the next; <see langword="null"/> when no longer in the line, and where the seats are shared
    /// until their store has told it. Costs a walk to that place, so at most <see cref="AdmissionOptions.RoomQueueCapacity"/> steps. To follow it, use
    /// <see cref="WatchAsync"/>.
    /// </summary>
    public int? Position => Progress.Position;

    /// <summary>The expected rest of the wait; <see langword="null"/> when no longer in the line and while no release rate was measured.</summary>
    public TimeSpan? EstimatedWait => Progress.EstimatedWait;

    /// <summary>The cap that binds now; <see cref="AdmissionCap.None"/> when no longer in the line.</summary>
    public AdmissionCap BindingCap => Progress.BindingCap;

    /// <summary>Position, estimate and binding cap of one moment.</summary>
    public AdmissionProgress Progress => _waiter is null || _completion.IsCompleted ? Outcome() : _queue.Measure(_waiter);

    /// <summary>
    /// The answer, once there is one. Never faults and is never cancelled: leaving the line is an answer too. Reading this property takes over the
    /// duty to dispose the lease.
    /// </summary>
    public Task<AdmissionResult> Completion
    {
        get
        {
            Volatile.Write(ref _isTaken, 1);
            return _completion;
        }
    }

    /// <summary>Whether the visitor has its place back by its <see cref="AdmissionRequest.ResumeToken"/>.</summary>
    public bool IsResumed => _waiter is { IsResumed: true };

    internal Waiter? Waiter => _waiter;

    /// <summary>
    /// What the visitor shows to get this place back when its connection breaks: <see cref="AdmissionRequest.ResumeToken"/>. Signed, good for
    /// <see cref="AdmissionOptions.ResumeLifetime"/> from now, for this client, this room and this queue, and for one visitor at a time. Give a fresh one to the
    /// client now and then, with a progress update for instance. The place is not kept: who is next meanwhile is seated, and who returns after its turn is next.
    /// </summary>
    /// <returns>
    /// 66 characters of base64url; <see langword="null"/> when no longer in the line, for a nameless visitor, and where the seats are shared: their store keeps no places.
    /// </returns>
    public string? CreateResumeToken() => _waiter is null ? null : _queue.WriteResumeToken(_waiter);

    /// <summary>
    /// Follows the wait: the state now, then each change, at most one each <see cref="AdmissionOptions.ProgressInterval"/>, and as the last item how it
    /// ended (at once, not throttled). A slow reader sees the newest state and misses older ones. May be enumerated several times, also at once.
    /// </summary>
    /// <param name="cancellationToken">Ends the watching, not the waiting.</param>
    /// <returns>The updates.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async IAsyncEnumerable<AdmissionProgress> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var watcher = _waiter is null ? null : _queue.Watch(_waiter);
        if (watcher is null)
        {
            _ = await _completion.WaitAsync(cancellationToken).ConfigureAwait(false);
            yield return Outcome();
            yield break;
        }

        try
        {
            await foreach (var progress in watcher.Updates.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return progress;
            }
        }
        finally
        {
            _queue.Unwatch(watcher);
        }
    }

    /// <summary>Leaves the line; gives back a seat that was granted and never asked for. Calls after the first do nothing.</summary>
    /// <returns>A completed task.</returns>
    public async ValueTask DisposeAsync()
    {
        _waiter?.Leave();
        if (Interlocked.Exchange(ref _isTaken, 1) == 0)
        {
            var result = await _completion.ConfigureAwait(false);
            if (result.Lease is { } lease)
            {
                await lease.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private AdmissionProgress Outcome()
    {
        if (!_completion.IsCompleted)
        {
            return default;
        }

        var result = _completion.Result;
        return new AdmissionProgress { Refusal = result.Refusal, BindingCap = result.IsAdmitted ? AdmissionCap.None : result.BindingCap };
    }
}
