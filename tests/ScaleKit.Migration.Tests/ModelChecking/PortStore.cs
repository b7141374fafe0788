namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>A process's connection to a store: the port that the shipping code sees. Each call is one event of the scheduler.</summary>
internal sealed class PortStore(Process process, Place place) : IVersionedStore<long, long>
{
    private const long Key = 1;

    public string Name => place.ToString().ToLowerInvariant();

    public StoreCapabilities Capabilities => StoreCapabilities.All & ~StoreCapabilities.Digest;

    public KeyFormat<long> Keys => KeyFormat.ForInt64;

    public ValueTask<VersionedValue<long>> ReadAsync(long key, CancellationToken cancellationToken = default) =>
        CallAsync("read", mutates: false, 0, store => store.Row, static row => Mix.In(1, row));

    public ValueTask<IReadOnlyList<VersionedEntry<long, long>>> ReadManyAsync(IReadOnlyList<long> keys, CancellationToken cancellationToken = default) =>
        CallAsync("read many", mutates: false, 0, store => Rows(store, keys), static rows => Hash(rows));

    public ValueTask<WriteResult> WriteAsync(SequencedWrite<long, long> write, CancellationToken cancellationToken = default)
    {
        var arguments = Mix.In(Mix.In(Mix.In(Mix.In(2, write.Value), write.Epoch), write.IsDelete), write.Expected ?? new(-1, -1));
        return CallAsync("write", mutates: true, arguments, store => store.Write(write),
            static result => Mix.In(Mix.In((ulong)result.Status, result.Version), result.OutboxSequence),
            () => $"write {(write.IsDelete ? "tombstone" : write.Value)} in epoch {write.Epoch}");
    }

    public ValueTask<bool> ApplyIfNewerAsync(VersionedEntry<long, long> entry, CancellationToken cancellationToken = default) =>
        CallAsync("apply", mutates: true, Mix.In(3, entry.Row), store => store.Apply(entry), static newer => newer ? 1UL : 2UL, () => $"apply v{entry.Version}");

    public ValueTask<int> ApplyManyIfNewerAsync(IReadOnlyList<VersionedEntry<long, long>> entries, CancellationToken cancellationToken = default) =>
        CallAsync(
            "apply many", mutates: true, Hash(entries), store => entries.Count(store.Apply), static newer => (ulong)newer,
            () => $"apply {string.Join(", ", entries.Select(e => $"v{e.Version}"))}");

    public ValueTask<ScanPage<long, long>> ScanAsync(ScanRequest<long> request, CancellationToken cancellationToken = default) =>
        CallAsync(
            "scan",
            mutates: false,
            0,
            store => new ScanPage<long, long>(request.Range.Contains(Key, Keys.Order) && (store.Row.Exists || (store.Row.IsDeleted && request.IncludeTombstones)) ? Rows(store, [Key]) : [], HasMore: false),
            static page => Hash(page.Entries));

    public ValueTask<RangeDigest> DigestAsync(KeyRange<long> range, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<long> CountAsync(KeyRange<long> range, CancellationToken cancellationToken = default) =>
        CallAsync("count", mutates: false, 0, store => store.Row.Version.IsNone ? 0L : 1L, static rows => (ulong)rows);

    public ValueTask<long> FenceAsync(long epoch, CancellationToken cancellationToken = default) =>
        CallAsync("fence", mutates: epoch > 0, (ulong)epoch, store => store.Fence(epoch), static inForce => (ulong)inForce, () => $"fence {epoch}");

    public ValueTask<OutboxStatus> GetOutboxStatusAsync(CancellationToken cancellationToken = default) =>
        CallAsync("outbox", mutates: false, 0, static store => store.Status(), static status => Mix.In(Mix.In((ulong)status.Pending, status.Partitions[0].Oldest), status.Partitions[0].Next));

    public ValueTask<IReadOnlyList<OutboxEntry<long>>> PeekOutboxAsync(int limit, CancellationToken cancellationToken = default) =>
        CallAsync("peek", mutates: false, 0, store => store.Peek(limit), static entries => entries.Aggregate(4UL, static (hash, e) => Mix.In(Mix.In(hash, e.Sequence), e.Version)));

    public async ValueTask AcknowledgeOutboxAsync(IReadOnlyList<OutboxEntry<long>> entries, CancellationToken cancellationToken = default) =>
        await CallAsync("acknowledge", mutates: true, entries.Aggregate(6UL, static (hash, e) => Mix.In(hash, e.Sequence)), store => store.Acknowledge(entries), static _ => 1)
            .ConfigureAwait(false);

    private static IReadOnlyList<VersionedEntry<long, long>> Rows(ModelStore store, IReadOnlyList<long> keys) => [.. keys.Select(key => new VersionedEntry<long, long>(key, store.Row))];

    private static ulong Hash(IReadOnlyList<VersionedEntry<long, long>> rows) => rows.Aggregate(8UL, static (hash, row) => Mix.In(hash, row.Row));

    private ValueTask<T> CallAsync<T>(string what, bool mutates, ulong arguments, Func<ModelStore, T> effect, Func<T, ulong> hash, Func<string>? show = null) =>
        process.CallAsync(new Call<T>(place, what, mutates, arguments, lasting => effect(lasting.Store(place == Place.New)), hash, show));
}
