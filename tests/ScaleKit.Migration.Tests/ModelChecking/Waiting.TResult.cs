namespace ScaleKit.Migration.Tests.ModelChecking;

/// <inheritdoc cref="Waiting"/>
internal sealed class Waiting<TResult>(Call call) : Waiting(call)
{
    // No RunContinuationsAsynchronously: the shipping code goes on at once, on the scheduler's thread.
    private readonly TaskCompletionSource<TResult> _done = new();

    public Task<TResult> Done => _done.Task;

    public override void Go(object? answer) => _done.SetResult((TResult)answer!);

    public override void Fail(Exception failure) => _done.SetException(failure);
}
