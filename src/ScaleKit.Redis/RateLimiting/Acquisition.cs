using System.Threading.Tasks.Sources;
using ScaleKit.RateLimiting;

namespace ScaleKit.Redis;

/// <summary>
/// One caller that waits for permits. Ends exactly once, by an answer or by cancellation, whichever wins the exchange of <c>_state</c>; a flight leaves out who has
/// ended. Used again only after its caller has taken the answer that a flight gave: then neither the flight nor a token refers to it any more.
/// </summary>
internal sealed class Acquisition : IValueTaskSource<RateLimitDecision>, IThreadPoolWorkItem
{
    private const int Waiting = 0;
    private const int Decided = 1;
    private const int Cancelled = 2;

    private static readonly FreeList<Acquisition> Free = new();

    private ManualResetValueTaskSourceCore<RateLimitDecision> _core;
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellationToken;
    private RateLimitDecision _decision;
    private IThreadPoolWorkItem? _next;
    private int _state;

    public int Permits { get; private set; }

    /// <summary>The next of the same key.</summary>
    public Acquisition? Next { get; set; }

    /// <summary>When it began to wait.</summary>
    public long Since { get; private set; }

    public bool IsWaiting => Volatile.Read(ref _state) == Waiting;

    /// <summary>One that nobody uses.</summary>
    public static Acquisition Rent() => Free.Take() ?? new Acquisition();

    public ValueTask<RateLimitDecision> Begin(int permits, long since, CancellationToken cancellationToken)
    {
        (Permits, Since, Next) = (permits, since, null);
        _cancellationToken = cancellationToken;
        Volatile.Write(ref _state, Waiting);
        var task = new ValueTask<RateLimitDecision>(this, _core.Version);

        // Last: from here on a cancellation may end it.
        _registration = cancellationToken.UnsafeRegister(static state => ((Acquisition)state!).Cancel(), this);
        return task;
    }

    /// <summary>The answer that the caller gets when it goes on, unless it was cancelled.</summary>
    public void Decide(in RateLimitDecision decision)
    {
        // Nobody reads it before the state is that of an answer.
        _decision = decision;
        Interlocked.CompareExchange(ref _state, Decided, Waiting);
    }

    /// <summary>Prepares the caller to go on and to send another one on before that.</summary>
    /// <returns>What to send to the pool: this one, or <paramref name="next"/> if this caller was cancelled.</returns>
    public IThreadPoolWorkItem? GoOnBefore(IThreadPoolWorkItem? next)
    {
        if (Volatile.Read(ref _state) != Decided)
        {
            return next;
        }

        _next = next;
        return this;
    }

    /// <summary>The caller goes on at once, on this thread. Nobody may touch this object afterwards.</summary>
    public void GoOnHere()
    {
        if (Volatile.Read(ref _state) == Decided)
        {
            Execute();
        }
    }

    public void Execute()
    {
        if (_next is { } next)
        {
            // Any idle thread takes it from here, should this caller block.
            _next = null;
            ThreadPool.UnsafeQueueUserWorkItem(next, preferLocal: true);
        }

        if (Volatile.Read(ref _state) == Decided)
        {
            _core.SetResult(_decision);
        }
        else
        {
            _core.SetException(new OperationCanceledException(_cancellationToken));
        }
    }

    public RateLimitDecision GetResult(short token)
    {
        var registration = _registration;
        var decision = _core.GetResult(token);

        // Unregister tells that the token has let go; a token that cannot be cancelled never held.
        if (!_cancellationToken.CanBeCanceled || registration.Unregister())
        {
            _core.Reset();
            Free.Give(this);
        }

        return decision;
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Cancel()
    {
        if (Interlocked.CompareExchange(ref _state, Cancelled, Waiting) == Waiting)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
