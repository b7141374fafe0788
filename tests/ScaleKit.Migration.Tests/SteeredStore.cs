namespace ScaleKit.Migration.Tests;

/// <summary>A real store whose calls a test can hold or break: before or after the call takes effect. It turns a race into a fixed interleaving.</summary>
public sealed class SteeredStore(IVersionedStore<string, string> inner, string name) : IVersionedStore<string, string>
{
    public enum Call
    {
        Read,
        Write,
        Apply,
        Scan,
        AskFence,
        Fence,
        Outbox,
        Acknowledge,
    }

    public Func<Call, Task> Before { get; set; } = _ => Task.CompletedTask;

    public Func<Call, Task> After { get; set; } = _ => Task.CompletedTask;

    public IVersionedStore<string, string> Inner => inner;

    public string Name => name;

    public StoreCapabilities Capabilities { get; set; } = inner.Capabilities;

    public KeyFormat<string> Keys => inner.Keys;

    /// <summary>Holds the next call of this kind until the returned action is run; the task tells that it has arrived.</summary>
    public (Task Arrived, Action Release) HoldNext(Call call, bool afterEffect = false)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task Hook(Call actual)
        {
            if (actual != call || !arrived.TrySetResult())
            {
                return Task.CompletedTask;
            }

            return release.Task;
        }

        if (afterEffect)
        {
            After = Hook;
        }
        else
        {
            Before = Hook;
        }

        return (arrived.Task, () => release.TrySetResult());
    }

    public void Break(params Call[] calls) => Before = call => calls.Contains(call) ? Task.FromException(new IOException("the store is down")) : Task.CompletedTask;

    public void Hang(params Call[] calls) => Before = call => calls.Contains(call) ? new TaskCompletionSource().Task : Task.CompletedTask;

    public void Mend() => Before = _ => Task.CompletedTask;

    public ValueTask<VersionedValue<string>> ReadAsync(string key, CancellationToken cancellationToken = default) =>
        AroundAsync(Call.Read, () => inner.ReadAsync(key, cancellationToken));

    public ValueTask<IReadOnlyList<VersionedEntry<string, string>>> ReadManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken = default) =>
        AroundAsync(Call.Read, () => inner.ReadManyAsync(keys, cancellationToken));

    public ValueTask<WriteResult> WriteAsync(SequencedWrite<string, string> write, CancellationToken cancellationToken = default) =>
        AroundAsync(Call.Write, () => inner.WriteAsync(write, cancellationToken));

    public ValueTask<bool> ApplyIfNewerAsync(VersionedEntry<string, string> entry, CancellationToken cancellationToken = default) =>
        AroundAsync(Call.Apply, () => inner.ApplyIfNewerAsync(entry, cancellationToken));

    public ValueTask<int> ApplyManyIfNewerAsync(IReadOnlyList<VersionedEntry<string, string>> entries, CancellationToken cancellationToken = default) =>
        AroundAsync(Call.Apply, () => inner.ApplyManyIfNewerAsync(entries, cancellationToken));

    public ValueTask<ScanPage<string, string>> ScanAsync(ScanRequest<string> request, CancellationToken cancellationToken = default) =>
        AroundAsync(Call.Scan, () => inner.ScanAsync(request, cancellationToken));

    public ValueTask<KeyRange<string>> ChunkAsync(KeyRange<string> range, int rows, CancellationToken cancellationToken = default) =>
        inner.ChunkAsync(range, rows, cancellationToken);

    public ValueTask<RangeDigest> DigestAsync(KeyRange<string> range, CancellationToken cancellationToken = default) => inner.DigestAsync(range, cancellationToken);

    public ValueTask<long> CountAsync(KeyRange<string> range, CancellationToken cancellationToken = default) => inner.CountAsync(range, cancellationToken);

    public ValueTask<long> FenceAsync(long epoch, CancellationToken cancellationToken = default) =>
        AroundAsync(epoch == 0 ? Call.AskFence : Call.Fence, () => inner.FenceAsync(epoch, cancellationToken));

    public ValueTask<OutboxStatus> GetOutboxStatusAsync(CancellationToken cancellationToken = default) => inner.GetOutboxStatusAsync(cancellationToken);

    public ValueTask<IReadOnlyList<OutboxEntry<string>>> PeekOutboxAsync(int limit, CancellationToken cancellationToken = default) =>
        AroundAsync(Call.Outbox, () => inner.PeekOutboxAsync(limit, cancellationToken));

    public async ValueTask AcknowledgeOutboxAsync(IReadOnlyList<OutboxEntry<string>> entries, CancellationToken cancellationToken = default)
    {
        await Before(Call.Acknowledge);
        await inner.AcknowledgeOutboxAsync(entries, cancellationToken);
        await After(Call.Acknowledge);
    }

    private async ValueTask<T> AroundAsync<T>(Call call, Func<ValueTask<T>> body)
    {
        await Before(call);
        var result = await body();
        await After(call);
        return result;
    }
}
