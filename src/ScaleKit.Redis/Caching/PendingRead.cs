using System.Buffers;
using System.Threading.Tasks.Sources;
using ScaleKit.Caching;

namespace ScaleKit.Redis;

/// <summary>
/// One caller that waits for the bytes of a key. Ends exactly once, by an answer, a failure or cancellation, whichever wins the exchange of <c>_state</c>. The caller's
/// memory is written on the caller's own way, when it takes the answer: so nobody writes there after it has given up. Used again only after its caller has taken the
/// bytes: then neither a flight nor a token refers to it any more.
/// </summary>
internal sealed class PendingRead(FreeList<PendingRead> free) : IValueTaskSource<SharedReading>, IThreadPoolWorkItem
{
    private const int Waiting = 0;
    private const int Answered = 1;
    private const int Failed = 2;
    private const int Cancelled = 3;

    private ManualResetValueTaskSourceCore<byte[]?> _core;
    private IBufferWriter<byte> _target = null!;
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellationToken;
    private byte[]? _bytes;
    private Exception? _failure;
    private int _state;

    public RedisName Name { get; private set; }

    public bool IsWaiting => Volatile.Read(ref _state) == Waiting;

    public ValueTask<SharedReading> Begin(RedisName name, IBufferWriter<byte> target, CancellationToken cancellationToken)
    {
        (Name, _target, _cancellationToken) = (name, target, cancellationToken);
        Volatile.Write(ref _state, Waiting);
        var task = new ValueTask<SharedReading>(this, _core.Version);

        // Last: from here on a cancellation may end it.
        _registration = cancellationToken.UnsafeRegister(static state => ((PendingRead)state!).End(Cancelled), this);
        return task;
    }

    /// <summary>The caller goes on, on the thread pool: one that blocks there must not hold up the others. Nobody may touch this object afterwards.</summary>
    public void Answer(byte[]? bytes)
    {
        if (IsWaiting)
        {
            _bytes = bytes;
            End(Answered);
        }
    }

    /// <inheritdoc cref="Answer"/>
    public void Fail(Exception failure)
    {
        if (IsWaiting)
        {
            _failure = failure;
            End(Failed);
        }
    }

    public void Execute()
    {
        switch (Volatile.Read(ref _state))
        {
            case Answered:
                _core.SetResult(_bytes);
                break;
            case Failed:
                _core.SetException(_failure!);
                break;
            default:
                _core.SetException(new OperationCanceledException(_cancellationToken));
                break;
        }
    }

    public SharedReading GetResult(short token)
    {
        var (target, registration) = (_target, _registration);
        var bytes = _core.GetResult(token);

        // Unregister tells that the token has let go; a token that cannot be cancelled never held.
        if (!_cancellationToken.CanBeCanceled || registration.Unregister())
        {
            (Name, _target, _bytes) = (default, null!, null);
            _core.Reset();
            free.Give(this);
        }

        return SharedValue.Take(bytes, target);
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void End(int state)
    {
        if (Interlocked.CompareExchange(ref _state, state, Waiting) == Waiting)
        {
            // Local: cheaper by far for the many of one flight, and what one thread does not come to the others take.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        }
    }
}
