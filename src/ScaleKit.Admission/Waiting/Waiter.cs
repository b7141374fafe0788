using System.Diagnostics;
using System.Threading.Tasks.Sources;

namespace ScaleKit.Admission;

/// <summary>
/// One visitor in the line: its place in the room's line, its place on the deadline wheel, and what its caller awaits. The links are guarded by the queue's
/// lock; <see cref="TrySettle"/> decides between all ways to end a wait.
/// </summary>
/// <remarks>
/// One without a ticket is used again after its caller has read the answer. It is not where a cancellation may still be on its way: that would hit the next.
/// </remarks>
internal sealed class Waiter : TimedEntry, IValueTaskSource<AdmissionResult>
{
    private const int RegistrationPending = 0;
    private const int Registered = 1;
    private const int Completed = 2;

    private readonly TaskCompletionSource<AdmissionResult>? _completion;
    private ManualResetValueTaskSourceCore<bool> _core;
    private CancellationTokenRegistration _registration;
    private AdmissionResult _outcome;
    private bool _mayLeave;
    private bool _isReusable;
    private int _registrationState;
    private int _state;

    // Asynchronous continuations: a continuation must never run inside a release of somebody else, let alone under the lock.
    public Waiter(bool hasTicket)
    {
        _core.RunContinuationsAsynchronously = true;
        _completion = hasTicket ? new TaskCompletionSource<AdmissionResult>(TaskCreationOptions.RunContinuationsAsynchronously) : null;
        _isReusable = !hasTicket;
        _mayLeave = hasTicket;
    }

    public Room Room { get; private set; } = null!;

    public string? ClientId { get; private set; }

    public object? Data { get; private set; }

    public AdmissionPriority Priority { get; private set; }

    /// <summary>Counts all who ever waited: a smaller number came earlier.</summary>
    public long Number { get; private set; }

    /// <summary>The cap that bound when the visitor entered.</summary>
    public AdmissionCap WaitsFor { get; set; }

    /// <summary>By the queue's clock.</summary>
    public TimeSpan EnteredAt { get; private set; }

    /// <summary>As long as a token for this place may be good; zero where there is none.</summary>
    public TimeSpan ResumableUntil { get; set; }

    public bool IsResumed { get; private set; }

    /// <summary>The tick at which the wait ends without a seat. Not necessarily on the wheel: see <see cref="LineDeadlines"/>.</summary>
    public long Due { get; set; }

    public Waiter? Previous { get; set; }

    /// <summary>The next in the room's line; once out of it, the next among those whose wait ended in the same step.</summary>
    public Waiter? Next { get; set; }

    public bool IsLinked { get; set; }

    /// <summary>The place in the room's line, valid within the sweep that wrote it.</summary>
    public int Place { get; set; }

    public ProgressWatcher? Watchers { get; set; }

    /// <summary>What was asked of the store, where seats are shared.</summary>
    public SeatAsk? Ask { get; set; }

    public bool HasTicket => _completion is not null;

    /// <summary>Written by whoever settled the waiter, before it tells; read after that.</summary>
    public ref AdmissionResult Outcome => ref _outcome;

    public WaiterState State => (WaiterState)Volatile.Read(ref _state);

    /// <summary>The answer of one with a ticket.</summary>
    public Task<AdmissionResult> Task => _completion!.Task;

    /// <summary>The answer of one without, to be awaited once.</summary>
    public ValueTask<AdmissionResult> ValueTask => new(this, _core.Version);

    /// <summary>Fills a new or used one, under the lock, before anybody else can see it.</summary>
    public void Begin(Room room, in AdmissionRequest request, AdmissionCap waitsFor, TimeSpan enteredAt, long number, bool mayLeave)
    {
        _mayLeave = mayLeave || HasTicket;
        Room = room;
        ClientId = request.ClientId;
        Data = request.Data;
        Priority = request.Priority;
        Number = number;
        WaitsFor = waitsFor;
        Ask = null;
        EnteredAt = enteredAt;
    }

    /// <summary>Takes the place of one who has left, before standing in the line.</summary>
    public void Resume(long number, TimeSpan until)
    {
        Number = number;
        ResumableUntil = until;
        IsResumed = true;
    }

    /// <summary>Takes the place of one who has just been taken out of the line.</summary>
    public void Replace(long number) => Number = number;

    /// <summary>Ends the wait; true for one caller only. Without the lock where the visitor may leave by itself, otherwise under it, where a plain write decides.</summary>
    public bool TrySettle(WaiterState outcome)
    {
        if (_mayLeave)
        {
            return Interlocked.CompareExchange(ref _state, (int)outcome, (int)WaiterState.Waiting) == (int)WaiterState.Waiting;
        }

        if (_state != (int)WaiterState.Waiting)
        {
            return false;
        }

        _state = (int)outcome;
        return true;
    }

    /// <summary>Leaves the line when <paramref name="cancellationToken"/> is cancelled. Called once where there is a token, after the waiter stands in the line.</summary>
    public void LeaveOn(CancellationToken cancellationToken)
    {
        _registration = cancellationToken.UnsafeRegister(static state => ((Waiter)state!).Leave(), this);

        // The wait may have ended while the registration was being written. Whoever comes second sees the other and removes it.
        if (Interlocked.Exchange(ref _registrationState, Registered) == Completed)
        {
            _isReusable &= _registration.Unregister();
        }
    }

    /// <summary>Only one that may leave by itself.</summary>
    public void Leave()
    {
        Debug.Assert(_mayLeave, "Its wait would be ended twice.");
        Room.Queue.Leave(this);
    }

    /// <summary>
    /// Tells everybody who awaits or watches. Never under the lock, once, by whoever settled the waiter, who must not touch it any more: it may already
    /// be another's.
    /// </summary>
    public void Complete()
    {
        Unregister();

        // Registered watchers no longer change: a watcher is added and removed under the lock and only while the waiter waits.
        for (var watcher = Watchers; watcher is not null; watcher = watcher.Next)
        {
            watcher.Finish(Outcome);
        }

        if (_completion is null)
        {
            _core.SetResult(true);
        }
        else
        {
            _completion.SetResult(Outcome);
        }
    }

    AdmissionResult IValueTaskSource<AdmissionResult>.GetResult(short token)
    {
        _ = _core.GetResult(token);
        var outcome = _outcome;
        if (_isReusable)
        {
            var queue = Room.Queue;
            Forget();
            queue.TakeBack(this);
        }

        return outcome;
    }

    ValueTaskSourceStatus IValueTaskSource<AdmissionResult>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<AdmissionResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Unregister()
    {
        if (_mayLeave && Interlocked.Exchange(ref _registrationState, Completed) == Registered)
        {
            // False: the cancellation has begun and may come late.
            _isReusable &= _registration.Unregister();
        }
    }

    private void Forget()
    {
        _core.Reset();
        _outcome = default;
        _registration = default;
        _registrationState = RegistrationPending;
        _state = (int)WaiterState.Waiting;
        Room = null!;
        ClientId = null;
        Data = null;
        ResumableUntil = default;
        IsResumed = false;
    }
}
