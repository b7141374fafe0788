using System.Threading.Tasks.Sources;
using ScaleKit.RateLimiting;

namespace ScaleKit.Redis;

/// <summary>
/// One caller that waits for permits. Ends exactly once, by an answer or by cancellation, whichever wins the exchange of <c>_state</c>; a flight leaves out who has
/// ended. Used again only after its caller has taken the answer that a flight gave: then neither the flight nor a token refers to it any more.
/// </summary>
internal sealed class Acquisition(AcquisitionPool pool) : IValueTaskSource<RateLimitDecision>, IThreadPoolWorkItem
{
    private const int Waiting = 0;
    private const int Answered = 1;
    private const int Cancelled = 2;

    private ManualResetValueTaskSourceCore<RateLimitDecision> _core;
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellationToken;
    private RateLimitDecision _decision;
    private int _state;

    public int Permits { get; private set; }

    /// <summary>The next of the same key.</summary>
    public Acquisition? Next { get; set; }

    /// <summary>When it began to wait.</summary>
    public long Since { get; private set; }

    public bool IsWaiting => Volatile.Read(ref _state) == Waiting;

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

    /// <summary>The caller goes on, on the thread pool: one that blocks there must not hold up the others. Nobody may touch this object afterwards.</summary>
    public void Answer(in RateLimitDecision decision)
    {
        if (Volatile.Read(ref _state) == Waiting)
        {
            _decision = decision;
            End(Answered);
        }
    }

    public void Execute()
    {
        if (Volatile.Read(ref _state) == Answered)
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
            pool.Return(this);
        }

        return decision;
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Cancel() => End(Cancelled);

    private void End(int state)
    {
        if (Interlocked.CompareExchange(ref _state, state, Waiting) == Waiting)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
