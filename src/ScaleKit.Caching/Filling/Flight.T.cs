using System.Runtime.CompilerServices;

namespace ScaleKit.Caching;

/// <inheritdoc cref="Flight"/>
internal sealed class Flight<T>(string[] tags, FillToken token, bool canBeAbandoned) : Flight(tags, token, canBeAbandoned)
{
    private readonly TaskCompletionSource<Filled<T>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource<Filled<T>>? _landing;

    /// <summary>Gives those who wait an expired value; the fill goes on and stays in the table.</summary>
    public void AnswerMeanwhile(Filled<T> stale)
    {
        _landing = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _answer.SetResult(stale);
    }

    public void Complete(Filled<T> result) => (_landing ?? _answer).SetResult(result);

    public void Fail(Exception exception)
    {
        var end = _landing ?? _answer;
        end.SetException(exception);

        // Observed here: when every waiter has left, nobody else will.
        _ = end.Task.Exception;
    }

    /// <summary>Waits for the result. Giving up leaves the flight and disturbs nobody who still waits.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Filled<T>> WaitAsync(MonotonicClock clock, CancellationToken cancellationToken)
    {
        try
        {
            var filled = await Cancellable(_answer.Task, cancellationToken).ConfigureAwait(false);

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

    private static Task<Filled<T>> Cancellable(Task<Filled<T>> task, CancellationToken cancellationToken) =>
        task.IsCompleted || !cancellationToken.CanBeCanceled ? task : task.WaitAsync(cancellationToken);
}
