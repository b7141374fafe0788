namespace ScaleKit.Admission;

/// <summary>
/// One visitor in the line: its place in the room's line, its place on the deadline wheel, and the task that its caller awaits.
/// The links are guarded by the queue's lock; <see cref="TrySettle"/> is not, it is the one compare-and-swap between all ways to end a wait.
/// </summary>
internal sealed class Waiter : TaskCompletionSource<AdmissionResult>
{
    private const int RegistrationPending = 0;
    private const int Registered = 1;
    private const int Completed = 2;

    private readonly AdmissionQueue _queue;
    private CancellationTokenRegistration _registration;
    private int _registrationState;
    private int _state;

    // Asynchronous continuations: a continuation must never run inside a release of somebody else, let alone under the lock.
    public Waiter(AdmissionQueue queue, Room room, in AdmissionRequest request, AdmissionCap waitsFor, long enteredAt)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        _queue = queue;
        Room = room;
        ClientId = request.ClientId;
        Data = request.Data;
        WaitsFor = waitsFor;
        EnteredAt = enteredAt;
    }

    public Room Room { get; }

    public string? ClientId { get; }

    public object? Data { get; }

    /// <summary>The cap that bound when the visitor entered.</summary>
    public AdmissionCap WaitsFor { get; }

    /// <summary>A time stamp of the queue's clock.</summary>
    public long EnteredAt { get; }

    public Waiter? Previous { get; set; }

    /// <summary>The next in the room's line; once out of it, the next among those whose wait ended in the same step.</summary>
    public Waiter? Next { get; set; }

    public bool IsLinked { get; set; }

    public Waiter? WheelPrevious { get; set; }

    public Waiter? WheelNext { get; set; }

    /// <summary>The tick of the wheel at which the deadline has passed; 0 when the waiter is not on the wheel.</summary>
    public long DueTick { get; set; }

    /// <summary>The place in the room's line, valid within the sweep that wrote it.</summary>
    public int Place { get; set; }

    public ProgressWatcher? Watchers { get; set; }

    /// <summary>Written under the lock by whoever takes the waiter out, read after it by the same thread.</summary>
    public AdmissionResult Outcome { get; set; }

    public WaiterState State => (WaiterState)Volatile.Read(ref _state);

    public bool TrySettle(WaiterState outcome) =>
        Interlocked.CompareExchange(ref _state, (int)outcome, (int)WaiterState.Waiting) == (int)WaiterState.Waiting;

    /// <summary>Leaves the line when <paramref name="cancellationToken"/> is cancelled. Called once, after the waiter stands in the line.</summary>
    public void LeaveOn(CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled)
        {
            return;
        }

        _registration = cancellationToken.UnsafeRegister(static state => ((Waiter)state!).Leave(), this);

        // The wait may have ended while the registration was being written. Whoever comes second sees the other and removes it.
        if (Interlocked.Exchange(ref _registrationState, Registered) == Completed)
        {
            _ = _registration.Unregister();
        }
    }

    public void Leave() => _queue.Leave(this);

    /// <summary>Tells everybody who awaits or watches. Never under the lock, once, by whoever settled the waiter.</summary>
    public void Complete()
    {
        if (Interlocked.Exchange(ref _registrationState, Completed) == Registered)
        {
            _ = _registration.Unregister();
        }

        // Registered watchers no longer change: a watcher is added and removed under the lock and only while the waiter waits.
        for (var watcher = Watchers; watcher is not null; watcher = watcher.Next)
        {
            watcher.Finish(Outcome);
        }

        SetResult(Outcome);
    }
}
