using System.Runtime.CompilerServices;

namespace ScaleKit.Caching;

/// <inheritdoc cref="Flight"/>
internal sealed class Flight<T>(string[] tags, FillToken token, bool canBeAbandoned) : Flight(tags, token, canBeAbandoned)
{
    // Both are made by whoever needs them first: most flights have nobody who waits beside the one who runs them.
    private TaskCompletionSource<Filled<T>>? _answer;
    private volatile TaskCompletionSource<Filled<T>>? _landing;
    private Filled<T>? _result;
    private Exception? _failure;
    private int _hasEnded;

    /// <summary>Gives those who wait an expired value; the fill goes on and stays in the table.</summary>
    public void AnswerMeanwhile(Filled<T> stale)
    {
        _landing = NewSource();
        Answer.SetResult(stale);
    }

    public void Complete(Filled<T> result) => End(result, failure: null);

    public void Fail(Exception exception) => End(result: null, exception);

    /// <summary>Waits for the result. Giving up leaves the flight and disturbs nobody who still waits.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Filled<T>> WaitAsync(MonotonicClock clock, CancellationToken cancellationToken)
    {
        try
        {
            var answer = Answer;
            if (Volatile.Read(ref _hasEnded) == 1)
                Settle(_landing ?? answer);
            var filled = await Cancellable(answer.Task, cancellationToken).ConfigureAwait(false);

            // An answer that was given meanwhile may be too old for those who come later.
            return _landing is { } landing && filled.Entry is { } entry && clock.Now >= entry.StaleUntil
                ? await Cancellable(landing.Task, cancellationToken).ConfigureAwait(false)
                : filled;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Leave();
            throw;
        }
    }

    private TaskCompletionSource<Filled<T>> Answer
    {
        get
        {
            var answer = Volatile.Read(ref _answer);
            if (answer is not null)
                return answer;
            answer = NewSource();
            return Interlocked.CompareExchange(ref _answer, answer, null) ?? answer;
        }
    }

    private static TaskCompletionSource<Filled<T>> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static Task<Filled<T>> Cancellable(Task<Filled<T>> task, CancellationToken cancellationToken) =>
        task.IsCompleted || !cancellationToken.CanBeCanceled ? task : task.WaitAsync(cancellationToken);

    private void End(Filled<T>? result, Exception? failure)
    {
        (_result, _failure) = (result, failure);

        // Full fences here and where the source is made: of the end and a waiter, whoever comes second sees the other.
        Interlocked.Exchange(ref _hasEnded, 1);
        if ((_landing ?? Volatile.Read(ref _answer)) is { } waiting)
            Settle(waiting);
    }

    private void Settle(TaskCompletionSource<Filled<T>> waiting)
    {
        if (_failure is null)
        {
            waiting.TrySetResult(_result!);
            return;
        }

        waiting.TrySetException(_failure);

        // Observed here: when every waiter has left, nobody else will.
        _ = waiting.Task.Exception;
    }
}
