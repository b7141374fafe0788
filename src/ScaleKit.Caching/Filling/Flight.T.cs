namespace ScaleKit.Caching;

/// <inheritdoc cref="Flight"/>
internal sealed class Flight<T>(string[] tags, FillToken token) : Flight(tags, token)
{
    private readonly TaskCompletionSource<Filled<T>> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Complete(Filled<T> result) => _result.SetResult(result);

    public void Fail(Exception exception)
    {
        _result.SetException(exception);

        // Observed here: when every waiter has left, nobody else will.
        _ = _result.Task.Exception;
    }

    /// <summary>Waits for the result. Giving up leaves the flight and disturbs nobody who still waits.</summary>
    public async ValueTask<Filled<T>> WaitAsync(CancellationToken cancellationToken)
    {
        var task = _result.Task;
        if (task.IsCompleted || !cancellationToken.CanBeCanceled)
            return await task.ConfigureAwait(false);
        try
        {
            return await task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Leave();
            throw;
        }
    }
}
