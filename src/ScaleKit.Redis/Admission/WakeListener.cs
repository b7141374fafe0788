namespace ScaleKit.Redis;

/// <summary>Passes on that there is something to fetch; also after a gap, in which a word may have been lost.</summary>
internal sealed class WakeListener(Action wake) : IRedisListener
{
    public ValueTask OnMessageAsync(byte[] message, CancellationToken cancellationToken)
    {
        wake();
        return ValueTask.CompletedTask;
    }

    public ValueTask OnRestoredAsync(CancellationToken cancellationToken)
    {
        wake();
        return ValueTask.CompletedTask;
    }
}
