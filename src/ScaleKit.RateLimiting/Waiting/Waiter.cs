namespace ScaleKit.RateLimiting;

/// <summary>One call that waits in line. Its caller goes on outside the line's lock.</summary>
internal sealed class Waiter(int permits)
{
    private readonly TaskCompletionSource<RateLimitDecision> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Permits { get; } = permits;

    public Task<RateLimitDecision> Answer => _answer.Task;

    public CancellationTokenRegistration Registration { get; set; }

    public void Complete(in RateLimitDecision decision) => _answer.TrySetResult(decision);

    public void Fail(Exception exception) => _answer.TrySetException(exception);

    public void Cancel(CancellationToken cancellationToken) => _answer.TrySetCanceled(cancellationToken);
}
