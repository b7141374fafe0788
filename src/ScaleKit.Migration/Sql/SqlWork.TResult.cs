namespace ScaleKit.Migration;

internal sealed class SqlWork<TResult>(Func<SqlSession, ValueTask<TResult>> body) : SqlWork
{
    private readonly TaskCompletionSource<TResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TResult? _result;

    public Task<TResult> Done => _done.Task;

    public override async ValueTask RunAsync(SqlSession session) => _result = await body(session).ConfigureAwait(false);

    public override void Succeed() => _done.TrySetResult(_result!);

    public override void Fail(Exception failure) => _done.TrySetException(failure);
}
