using StackExchange.Redis;

namespace ScaleKit.Redis.Tests.Connection;

/// <summary>A command whose answer comes when the test says so, on the test's thread, as the client's do.</summary>
internal sealed class HeldCall : IRedisCall<bool>
{
    public const string LateFailure = "too late to matter";
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _answer = new();

    public Task Sent => _sent.Task;

    public Task Send(IConnectionMultiplexer client)
    {
        _sent.SetResult();
        return _answer.Task;
    }

    /// <summary>Dies when nothing holds the client's task any more.</summary>
    public WeakReference ToTask() => new(_answer.Task);

    public bool Read(Task completed) => true;

    public void Answer() => _answer.SetResult();

    public void Fail() => _answer.SetException(new InvalidOperationException(LateFailure));
}
