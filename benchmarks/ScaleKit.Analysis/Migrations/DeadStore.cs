using ScaleKit.Migration;

namespace ScaleKit.Analysis.Migrations;

/// <summary>A store that never answers.</summary>
internal sealed class DeadStore : IVersionedStore<string, string>
{
    public string Name => "dead";

    public StoreCapabilities Capabilities => StoreCapabilities.All;

    public KeyFormat<string> Keys => KeyFormat.Text;

    public ValueTask<VersionedValue<string>> ReadAsync(string key, CancellationToken cancellationToken = default) => NeverAsync<VersionedValue<string>>();

    public ValueTask<IReadOnlyList<VersionedEntry<string, string>>> ReadManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken = default) =>
        NeverAsync<IReadOnlyList<VersionedEntry<string, string>>>();

    public ValueTask<WriteResult> WriteAsync(SequencedWrite<string, string> write, CancellationToken cancellationToken = default) => NeverAsync<WriteResult>();

    public ValueTask<bool> ApplyIfNewerAsync(VersionedEntry<string, string> entry, CancellationToken cancellationToken = default) => NeverAsync<bool>();

    public ValueTask<int> ApplyManyIfNewerAsync(IReadOnlyList<VersionedEntry<string, string>> entries, CancellationToken cancellationToken = default) => NeverAsync<int>();

    public ValueTask<ScanPage<string, string>> ScanAsync(ScanRequest<string> request, CancellationToken cancellationToken = default) => NeverAsync<ScanPage<string, string>>();

    public ValueTask<RangeDigest> DigestAsync(KeyRange<string> range, CancellationToken cancellationToken = default) => NeverAsync<RangeDigest>();

    public ValueTask<long> CountAsync(KeyRange<string> range, CancellationToken cancellationToken = default) => NeverAsync<long>();

    public ValueTask<long> FenceAsync(long epoch, CancellationToken cancellationToken = default) => NeverAsync<long>();

    public ValueTask<OutboxStatus> GetOutboxStatusAsync(CancellationToken cancellationToken = default) => NeverAsync<OutboxStatus>();

    public ValueTask<IReadOnlyList<OutboxEntry<string>>> PeekOutboxAsync(int limit, CancellationToken cancellationToken = default) => NeverAsync<IReadOnlyList<OutboxEntry<string>>>();

    public async ValueTask AcknowledgeOutboxAsync(IReadOnlyList<OutboxEntry<string>> entries, CancellationToken cancellationToken = default) => await NeverAsync<bool>();

    private static ValueTask<T> NeverAsync<T>() => new(new TaskCompletionSource<T>().Task);
}
