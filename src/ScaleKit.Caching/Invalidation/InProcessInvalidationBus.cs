namespace ScaleKit.Caching;

/// <summary>
/// An invalidation bus in memory: give the same instance to every cache of the process that must agree. <see cref="AppendAsync"/> returns after every
/// subscriber has heard the record. Thread-safe; needs no disposal.
/// </summary>
public sealed class InProcessInvalidationBus : IInvalidationBus
{
    // Everything happens under one lock, delivery included: that is what makes the order the same for all.
    private readonly Lock _gate = new();
    private readonly Queue<InvalidationRecord> _log = new();
    private readonly Dictionary<string, TagHistory> _histories = new(StringComparer.Ordinal);
    private readonly List<IInvalidationSubscriber> _subscribers = [];
    private readonly int _logCapacity;
    private readonly int _tagCapacity;
    private readonly long _epoch;
    private long _sequence;

    /// <summary>Creates an empty log with an epoch of its own.</summary>
    /// <param name="logCapacity">How many records are kept for readers who missed some; at least 1.</param>
    /// <param name="tagCapacity">How many distinct removed tags of each cache are remembered after their records are gone; at least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">A capacity is too small.</exception>
    public InProcessInvalidationBus(int logCapacity = 4096, int tagCapacity = 65_536)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(logCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(tagCapacity, 2);
        _logCapacity = logCapacity;
        _tagCapacity = tagCapacity;

        // Not a clock: two buses must differ, also in different processes that share a distributed cache.
        _epoch = Random.Shared.NextInt64(1, long.MaxValue);
    }

    /// <inheritdoc/>
    public ValueTask<InvalidationPosition> AppendAsync(Invalidation invalidation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(invalidation);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var record = new InvalidationRecord(new(_epoch, ++_sequence), invalidation);
            Remember_NeedsLock(record);
            foreach (var subscriber in _subscribers)
                subscriber.OnInvalidation(record);
            return new(record.Position);
        }
    }

    /// <inheritdoc/>
    public ValueTask<InvalidationPosition> GetHeadAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
            return new(new InvalidationPosition(_epoch, _sequence));
    }

    /// <inheritdoc/>
    public ValueTask<InvalidationBatch> ReadFromAsync(InvalidationPosition after, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            var head = new InvalidationPosition(_epoch, _sequence);
            var oldestKept = _sequence - _log.Count;
            if (after.Epoch == _epoch && after.Sequence >= oldestKept && after.Sequence <= _sequence)
                return new(new InvalidationBatch(head, [.. _log.Where(r => r.Position.Sequence > after.Sequence)], isContinuous: true));

            var records = _histories
                .SelectMany(h => h.Value.Entries(), (h, e) => new InvalidationRecord(new(_epoch, e.Value), new(h.Key, tags: [e.Key])))
                .OrderBy(r => r.Position.Sequence);
            var floor = _histories.Values.Select(h => h.Tags.Floor).DefaultIfEmpty().Max();
            return new(new InvalidationBatch(head, [.. records], isContinuous: false, floor));
        }
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(IInvalidationSubscriber subscriber, InvalidationPosition after = default)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        lock (_gate)
        {
            _subscribers.Add(subscriber);
            if (after.Epoch == _epoch)
            {
                foreach (var record in _log.Where(r => r.Position.Sequence > after.Sequence))
                    subscriber.OnInvalidation(record);
            }
        }

        return new Subscription(this, subscriber);
    }

    private void Remember_NeedsLock(InvalidationRecord record)
    {
        _log.Enqueue(record);
        if (_log.Count > _logCapacity)
            _log.Dequeue();
        if (record.Invalidation.Tags.Count == 0)
            return;
        if (!_histories.TryGetValue(record.Invalidation.Cache, out var history))
            _histories.Add(record.Invalidation.Cache, history = new TagHistory(new VersionTable(_tagCapacity)));
        foreach (var tag in record.Invalidation.Tags)
            history.Advance(tag, record.Position.Sequence);
    }

    private void Unsubscribe(IInvalidationSubscriber subscriber)
    {
        lock (_gate)
            _subscribers.Remove(subscriber);
    }

    private sealed class TagHistory(VersionTable tags)
    {
        private long _everything;

        public VersionTable Tags { get; } = tags;

        public void Advance(string tag, long sequence)
        {
            // Never in the bounded table: a clear must not be forgotten.
            if (string.Equals(tag, Invalidation.Everything, StringComparison.Ordinal))
                _everything = sequence;
            else
                Tags.Advance(tag, sequence);
        }

        public IEnumerable<KeyValuePair<string, long>> Entries() =>
            _everything == 0 ? Tags.Entries() : Tags.Entries().Append(new(Invalidation.Everything, _everything));
    }

    private sealed class Subscription(InProcessInvalidationBus bus, IInvalidationSubscriber subscriber) : IDisposable
    {
        public void Dispose() => bus.Unsubscribe(subscriber);
    }
}
