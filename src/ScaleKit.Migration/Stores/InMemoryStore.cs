namespace ScaleKit.Migration;

/// <summary>
/// A versioned store in the memory of the process: for tests, for trying the ladder out, and for data that need not outlive the process. Thread-safe:
/// one lock makes each call atomic. Values are kept by reference; do not change them afterwards.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class InMemoryStore<TKey, TValue> : IVersionedStore<TKey, TValue>
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, VersionedValue<TValue>> _rows = [];
    private readonly SortedSet<TKey> _order;
    private readonly SortedDictionary<long, OutboxEntry<TKey>> _outbox = [];
    private readonly ValueFormat<TValue>? _values;
    private long _sequence;
    private long _fence;

    /// <summary>An empty store.</summary>
    /// <param name="name">The name for messages.</param>
    /// <param name="keys">The order of the keys; found by itself for text, integers and Guids.</param>
    /// <param name="values">How values are hashed; without it the store has no digest.</param>
    /// <exception cref="NotSupportedException">There is no ready format for the key type and <paramref name="keys"/> is null.</exception>
    public InMemoryStore(string name = "memory", KeyFormat<TKey>? keys = null, ValueFormat<TValue>? values = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        Keys = keys ?? KeyFormat.For<TKey>();
        _values = values;
        _order = new SortedSet<TKey>(Keys.Order);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public KeyFormat<TKey> Keys { get; }

    /// <inheritdoc/>
    public StoreCapabilities Capabilities => _values is null ? StoreCapabilities.All & ~StoreCapabilities.Digest : StoreCapabilities.All;

    /// <inheritdoc/>
    public ValueTask<VersionedValue<TValue>> ReadAsync(TKey key, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return ValueTask.FromResult(Find_NeedsLock(key));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<VersionedEntry<TKey, TValue>>> ReadManyAsync(IReadOnlyList<TKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        cancellationToken.ThrowIfCancellationRequested();
        var rows = new VersionedEntry<TKey, TValue>[keys.Count];
        lock (_gate)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                rows[i] = new(keys[i], Find_NeedsLock(keys[i]));
            }
        }

        return ValueTask.FromResult<IReadOnlyList<VersionedEntry<TKey, TValue>>>(rows);
    }

    /// <inheritdoc/>
    public ValueTask<WriteResult> WriteAsync(SequencedWrite<TKey, TValue> write, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Keys.Check(write.Key);
        if (!write.IsDelete)
        {
            ArgumentNullException.ThrowIfNull(write.Value, nameof(write));
        }

        lock (_gate)
        {
            return ValueTask.FromResult(Write_NeedsLock(in write));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> ApplyIfNewerAsync(VersionedEntry<TKey, TValue> entry, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return ValueTask.FromResult(Apply_NeedsLock(entry));
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> ApplyManyIfNewerAsync(IReadOnlyList<VersionedEntry<TKey, TValue>> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return ValueTask.FromResult(entries.Count(Apply_NeedsLock));
        }
    }

    /// <inheritdoc/>
    public ValueTask<ScanPage<TKey, TValue>> ScanAsync(ScanRequest<TKey> request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var page = new List<VersionedEntry<TKey, TValue>>(Math.Min(request.Limit, 64));
            foreach (var key in Between_NeedsLock(request.Range, request.Descending))
            {
                var row = _rows[key];
                if (row.IsDeleted && !request.IncludeTombstones)
                {
                    continue;
                }

                if (page.Count == request.Limit)
                {
                    return ValueTask.FromResult(new ScanPage<TKey, TValue>(page, HasMore: true));
                }

                page.Add(new(key, row));
            }

            return ValueTask.FromResult(new ScanPage<TKey, TValue>(page, HasMore: false));
        }
    }

    /// <inheritdoc/>
    public ValueTask<KeyRange<TKey>> ChunkAsync(KeyRange<TKey> range, int rows, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            TKey[] ends = [.. Between_NeedsLock(range, descending: false).Skip(rows - 1).Take(2)];
            return ValueTask.FromResult(ends.Length == 2 ? range.Through(ends[0]) : range);
        }
    }

    /// <inheritdoc/>
    public ValueTask<RangeDigest> DigestAsync(KeyRange<TKey> range, CancellationToken cancellationToken = default)
    {
        var format = _values ?? throw new NotSupportedException($"The store '{Name}' was made without a value format, so it has no digest.");
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var digest = default(RangeDigest);
            foreach (var key in Between_NeedsLock(range, descending: false))
            {
                var row = _rows[key];
                digest = row.Exists ? digest.Add(new(1, RowHash.Of(Keys.ToText(key), row.Version, row.Value!, format))) : digest;
            }

            return ValueTask.FromResult(digest);
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> CountAsync(KeyRange<TKey> range, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return ValueTask.FromResult((long)Between_NeedsLock(range, descending: false).Count());
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> FenceAsync(long epoch, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return ValueTask.FromResult(_fence = Math.Max(_fence, epoch));
        }
    }

    /// <inheritdoc/>
    public ValueTask<OutboxStatus> GetOutboxStatusAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var oldest = _outbox.Count == 0 ? _sequence + 1 : _outbox.First().Key;
            return ValueTask.FromResult(new OutboxStatus([new(_outbox.Count, oldest, _sequence + 1)]));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<OutboxEntry<TKey>>> PeekOutboxAsync(int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<OutboxEntry<TKey>>>([.. _outbox.Values.Take(limit)]);
        }
    }

    /// <inheritdoc/>
    public ValueTask AcknowledgeOutboxAsync(IReadOnlyList<OutboxEntry<TKey>> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            foreach (var entry in entries)
            {
                _outbox.Remove(entry.Sequence);
            }
        }

        return ValueTask.CompletedTask;
    }

    private VersionedValue<TValue> Find_NeedsLock(TKey key) => _rows.TryGetValue(key, out var row) ? row : default;

    private WriteResult Write_NeedsLock(in SequencedWrite<TKey, TValue> write)
    {
        var row = Find_NeedsLock(write.Key);
        if (write.Epoch < _fence || write.Epoch < row.Version.Epoch)
        {
            return new(WriteStatus.Fenced, row.Version);
        }

        if (write.Expected is { } expected && (expected.IsNone ? row.Exists : row.Version != expected))
        {
            return new(WriteStatus.Conflict, row.Version);
        }

        if (write.IsDelete && !row.Exists && write.Floor.IsNone)
        {
            return new(WriteStatus.NotFound, row.Version);
        }

        var version = new RowVersion(write.Epoch, Math.Max(row.Version.Counter, write.Floor.Counter) + 1);
        Store_NeedsLock(write.Key, write.IsDelete ? VersionedValue.Tombstone<TValue>(version) : VersionedValue.Live(write.Value!, version));
        if (!write.Outbox)
        {
            return new(WriteStatus.Written, version);
        }

        _outbox.Add(++_sequence, new(write.Key, version, _sequence));
        return new(WriteStatus.Written, version, _sequence);
    }

    private bool Apply_NeedsLock(VersionedEntry<TKey, TValue> entry)
    {
        Keys.Check(entry.Key);
        if (entry.Version <= Find_NeedsLock(entry.Key).Version)
        {
            return false;
        }

        Store_NeedsLock(entry.Key, entry.Row);
        return true;
    }

    private void Store_NeedsLock(TKey key, VersionedValue<TValue> row)
    {
        ref var slot = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_rows, key, out var known);
        slot = row;
        if (!known)
        {
            _order.Add(key);
        }
    }

    private IEnumerable<TKey> Between_NeedsLock(KeyRange<TKey> range, bool descending)
    {
        if (_order.Count == 0)
        {
            return [];
        }

        var lower = range.HasLower ? range.Lower! : _order.Min!;
        var upper = range.HasUpper ? range.Upper! : _order.Max!;
        if (Keys.Order.Compare(lower, upper) > 0)
        {
            return [];
        }

        var view = _order.GetViewBetween(lower, upper);
        return (descending ? view.Reverse() : view).Where(key => range.Contains(key, Keys.Order));
    }
}
