namespace ScaleKit.Migration;

/// <summary>
/// Something to wait for, once. Its waiters go on through <paramref name="wake"/>, the thread pool in production: whoever sets the signal never runs their code. The model checker puts its own
/// scheduler there, which makes every order of the steps reproducible. Thread-safe.
/// </summary>
internal sealed class Signal(Action<Action> wake)
{
    private readonly TaskCompletionSource _source = new();

    public static Action<Action> ThreadPoolWake { get; } =
        static action => ThreadPool.UnsafeQueueUserWorkItem(static queued => queued(), action, preferLocal: false);

    public Task Task => _source.Task;

    public void Set() => wake(() => _source.TrySetResult());
}
