using System.Threading.Tasks.Sources;
using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>
/// One call from its sending to its answer: the way of every command. The objects are used again and again, each time under a new token,
/// so that a call allocates nothing of its own. An object goes back to the pool only when nobody can still hold it: the client's
/// continuation has run, the caller's cancellation is unregistered, and the caller has taken the answer. Any other is left to the
/// garbage collector.
/// </summary>
/// <typeparam name="TCall">The command.</typeparam>
/// <typeparam name="T">Its answer.</typeparam>
internal sealed class PendingCall<TCall, T> : CallUnderWay, IValueTaskSource<T>, IValueTaskSource
    where TCall : IRedisCall<T>
{
    private ManualResetValueTaskSourceCore<T> _answer;
    private CallGuard _guard = null!;
    private string _operation = "";
    private TCall _call = default!;
    private IConnectionMultiplexer _client = null!;
    private Stage _stage;
    private CancellationTokenRegistration _cancellation;
    private int _told;
    private bool _reusable;

    private enum Stage
    {
        Begun,
        Connecting,
        Sent,
        SentAgain,
    }

    /// <summary>What the caller awaits, once.</summary>
    public ValueTask<T> Answer => new(this, _answer.Version);

    /// <summary>The same for a caller who does not care what the answer is.</summary>
    public ValueTask Completion => new(this, _answer.Version);

    /// <summary>Sends a command.</summary>
    /// <param name="guard">Where the call is counted, and how it ended is told.</param>
    /// <param name="operation">A fixed name, for messages and metrics.</param>
    /// <param name="call">The command.</param>
    /// <param name="cancellationToken">Ends the wait, not the command.</param>
    public static PendingCall<TCall, T> Start(CallGuard guard, string operation, TCall call, CancellationToken cancellationToken)
    {
        var pending = FreeList<PendingCall<TCall, T>>.Take() ?? new PendingCall<TCall, T>();
        (pending._guard, pending._operation, pending._call) = (guard, operation, call);
        guard.UnderWay.Add(pending);
        pending.Execute();

        // The caller has no token yet, so this is still the same call, whatever has become of it.
        if (cancellationToken.CanBeCanceled)
        {
            pending._cancellation = cancellationToken.UnsafeRegister(
                static (state, token) => ((PendingCall<TCall, T>)state!).GiveUp(token), pending);
        }

        return pending;
    }

    public override void Execute()
    {
        if (Advances(out var answer, out var failure))
        {
            End(answer, failure);
        }
    }

    public T GetResult(short token)
    {
        // A token of an earlier call throws here, before anything of the present call is touched.
        if (_answer.GetStatus(token) is ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException("The answer is not there yet.");
        }

        try
        {
            return _answer.GetResult(token);
        }
        finally
        {
            Recycle();
        }
    }

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _answer.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);

    // Goes through the stages as far as the client's tasks have completed. True when the call has ended.
    private bool Advances(out T? answer, out RedisUnavailableException? failure)
    {
        (answer, failure) = (default, IsExpired ? TimedOut() : null);
        try
        {
            while (failure is null && HasNext(out var task))
            {
                if (Waits(task))
                {
                    return false;
                }
            }

            answer = failure is null ? _call.Read(Awaited) : default;
        }
        catch (Exception e)
        {
            failure = _guard.Failed(_operation, e);
        }

        return true;
    }

    // What to wait for next, if anything. Throws what the task before it threw.
    private bool HasNext(out Task task)
    {
        if (_stage is Stage.Sent && CallFailure.IsNoScript(Awaited))
        {
            // Once only: a server that forgets a script between two commands is broken, and the caller's time is bounded anyway.
            _stage = Stage.SentAgain;
            _guard.ScriptReloaded(_operation);
            task = _call.SendAgain(_client);
            return true;
        }

        Awaited.GetAwaiter().GetResult();
        switch (_stage)
        {
            case Stage.Begun:
                _stage = Stage.Connecting;
                task = _guard.Link.GetAsync();
                return true;
            case Stage.Connecting:
                _stage = Stage.Sent;
                _client = ((Task<IConnectionMultiplexer>)Awaited).Result;
                task = _call.Send(_client);
                return true;
            default:
                task = Awaited;
                return false;
        }
    }

    private RedisUnavailableException TimedOut() => _stage is Stage.Connecting
        ? _guard.Unavailable(RedisFailure.NotConnected, _operation, "no connection")
        : _guard.Unavailable(RedisFailure.TimedOut, _operation, "no answer");

    private void End(T? answer, RedisUnavailableException? failure)
    {
        // First of all, for the caller may look at the breaker as soon as it has the answer. It is told also when the caller gave up.
        _guard.Ended(this, _operation, failure);
        if (Interlocked.Exchange(ref _told, 1) == 1)
        {
            return;
        }

        // The last lines that may touch this object: the caller takes the answer and this may be another call at once.
        _reusable = !IsExpired;
        if (failure is null)
        {
            _answer.SetResult(answer!);
        }
        else
        {
            _answer.SetException(failure);
        }
    }

    private void GiveUp(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _told, 1) == 0)
        {
            // Whoever cancels must not run what the caller does next.
            _answer.RunContinuationsAsynchronously = true;
            _answer.SetException(new OperationCanceledException(cancellationToken));
        }
    }

    private void Recycle()
    {
        // Unregister is false while the cancellation runs or after it has: it may still hold this object.
        if (!_reusable || (_cancellation != default && !_cancellation.Unregister()))
        {
            return;
        }

        _answer.Reset();
        (_guard, _client, _call, _operation) = (null!, null!, default!, "");
        (_stage, _told, _reusable, _cancellation) = (Stage.Begun, 0, false, default);
        Forget();
        FreeList<PendingCall<TCall, T>>.Give(this);
    }
}
