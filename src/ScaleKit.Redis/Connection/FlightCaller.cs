using System.Threading.Tasks.Sources;

namespace ScaleKit.Redis;

/// <summary>
/// One of the callers that a call to Redis carries together. Ends exactly once, by an answer, a failure or cancellation, whichever wins the exchange of <c>_state</c>;
/// a flight leaves out who has ended. It can be used again only after its caller has taken an answer: then neither the flight nor a token refers to it any more.
/// </summary>
internal abstract class FlightCaller<TAnswer> : IFlightCaller, IThreadPoolWorkItem
{
    private const int Waiting = 0;
    private const int Answered = 1;
    private const int Failed = 2;
    private const int Cancelled = 3;

    private ManualResetValueTaskSourceCore<TAnswer> _core;
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellationToken;
    private TAnswer _answer = default!;
    private Exception? _failure;
    private int _state;

    public bool IsWaiting => Volatile.Read(ref _state) == Waiting;

    /// <summary>The answer that the caller gets when it goes on, unless it was cancelled.</summary>
    public void Answer(in TAnswer answer)
    {
        // Nobody reads it before the state is that of an answer.
        _answer = answer;
        End(Answered);
    }

    /// <inheritdoc cref="Answer"/>
    public void Fail(Exception failure)
    {
        _failure = failure;
        End(Failed);
    }

    /// <inheritdoc/>
    public void GoOn()
    {
        if (Volatile.Read(ref _state) is Answered or Failed)
        {
            Execute();
        }
    }

    /// <summary>To be called once: by <see cref="GoOn"/>, or by who cancels.</summary>
    public void Execute()
    {
        switch (Volatile.Read(ref _state))
        {
            case Answered:
                _core.SetResult(_answer);
                break;
            case Failed:
                _core.SetException(_failure!);
                break;
            default:
                _core.SetException(new OperationCanceledException(_cancellationToken));
                break;
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    /// <returns>The token of the caller's task.</returns>
    protected short Begin(CancellationToken cancellationToken)
    {
        _cancellationToken = cancellationToken;
        Volatile.Write(ref _state, Waiting);
        var token = _core.Version;

        // Last: from here on a cancellation may end it.
        _registration = cancellationToken.UnsafeRegister(static state => ((FlightCaller<TAnswer>)state!).Cancel(), this);
        return token;
    }

    /// <summary>The caller takes what it waited for.</summary>
    /// <returns>True when this object can be used again.</returns>
    protected bool Take(short token, out TAnswer answer)
    {
        var registration = _registration;
        answer = _core.GetResult(token);

        // Unregister tells that the token has let go; a token that cannot be cancelled never held.
        if (_cancellationToken.CanBeCanceled && !registration.Unregister())
        {
            return false;
        }

        _answer = default!;
        _core.Reset();
        return true;
    }

    private void Cancel()
    {
        if (End(Cancelled))
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private bool End(int state) => Interlocked.CompareExchange(ref _state, state, Waiting) == Waiting;
}
