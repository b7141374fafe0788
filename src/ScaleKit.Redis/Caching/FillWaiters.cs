using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace ScaleKit.Redis;

/// <summary>
/// Those who wait for other nodes' factories. The script that ends a lease for which somebody waits says so on a channel; a word that gets lost, or comes before the
/// wait has begun, costs the rest of one short wait. The channel is joined by the first who waits.
/// </summary>
internal sealed class FillWaiters(RedisConnection connection, TimeProvider time) : IRedisListener
{
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource> _waits = new();
    private readonly Lock _joining = new();
    private RedisSubscription? _subscription;

    public RedisName Channel { get; } = connection.Names.Name("cachewake", "all");

    /// <summary>A hash of the key: two keys that share it wake each other's waiters, who then ask in vain once.</summary>
    public static byte[] MessageFor(string key)
    {
        var bytes = new byte[sizeof(ulong)];
        BitConverter.TryWriteBytes(bytes, HashOf(key));
        return bytes;
    }

    public async Task WaitAsync(string key, TimeSpan longest, CancellationToken cancellationToken)
    {
        Join();
        var hash = HashOf(key);
        var wait = _waits.GetOrAdd(hash, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        await wait.Task.WaitAsync(longest, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _waits.TryRemove(new(hash, wait));
        cancellationToken.ThrowIfCancellationRequested();
    }

    public ValueTask OnMessageAsync(byte[] message, CancellationToken cancellationToken)
    {
        if (message.Length == sizeof(ulong) && _waits.TryRemove(BitConverter.ToUInt64(message), out var wait))
            wait.TrySetResult();
        return ValueTask.CompletedTask;
    }

    public ValueTask OnRestoredAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    private static ulong HashOf(string key) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(key.AsSpan()));

    private void Join()
    {
        if (Volatile.Read(ref _subscription) is not null)
            return;
        lock (_joining)
            _subscription ??= connection.Subscribe(Channel, this);
    }
}
