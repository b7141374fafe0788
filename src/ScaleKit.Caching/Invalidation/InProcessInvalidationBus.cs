using System.Collections.Concurrent;

namespace ScaleKit.Caching;

/// <summary>
/// An invalidation bus in memory: give the same instance to every cache of the process that must agree. <see cref="AppendAsync"/> returns after every
/// subscriber has heard the record. Thread-safe; needs no disposal.
/// </summary>
public sealed class InProcessInvalidationBus : IInvalidationBus
{
    private readonly ConcurrentDictionary<string, History> _histories = new(StringComparer.Ordinal);
    private readonly int _logCapacity;
    private readonly int _tagCapacity;
    private readonly long _epoch;

    /// <summary>Creates empty logs with an epoch of their own.</summary>
    /// <param name="logCapacity">How many records of each cache are kept for readers who missed some; at least 1.</param>
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
    /// <value><see langword="false"/>.</value>
    public bool NeedsHeartbeat => false;

    /// <inheritdoc/>
    public ValueTask<InvalidationPosition> AppendAsync(Invalidation invalidation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(invalidation);
        cancellationToken.ThrowIfCancellationRequested();
        return new(HistoryOf(invalidation.Cache).Append(invalidation));
    }

    /// <inheritdoc/>
    public ValueTask<InvalidationBatch> ReadFromAsync(string cache, InvalidationPosition after, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(cache);
        cancellationToken.ThrowIfCancellationRequested();
        return new(HistoryOf(cache).ReadFrom(after));
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(string cache, IInvalidationSubscriber subscriber)
    {
        ArgumentException.ThrowIfNullOrEmpty(cache);
        ArgumentNullException.ThrowIfNull(subscriber);
        return HistoryOf(cache).Subscribe(subscriber);
    }

    private History HistoryOf(string cache) =>
        _histories.TryGetValue(cache, out var known) ? known : _histories.GetOrAdd(cache, new History(cache, _epoch, _logCapacity, _tagCapacity));

    private sealed class History(string cache, long epoch, int logCapacity, int tagCapacity)
    {
        // Everything happens under one lock, delivery included: that is what makes the order the same for all.
        private readonly Lock _gate = new();
        private readonly Queue<InvalidationRecord> _log = new();
        private readonly VersionTable _tags = new(tagCapacity);
        private readonly List<IInvalidationSubscriber> _subscribers = [];
        private long _sequence;
        private long _clearedAt;

        public InvalidationPosition Append(Invalidation invalidation)
        {
            lock (_gate)
            {
                var record = new InvalidationRecord(new(epoch, ++_sequence), invalidation);
                Remember_NeedsLock(record);
                foreach (var subscriber in _subscribers)
                    subscriber.OnInvalidation(record);
                return record.Position;
            }
        }

        public InvalidationBatch ReadFrom(InvalidationPosition after)
        {
            lock (_gate)
            {
                var head = new InvalidationPosition(epoch, _sequence);
                var oldestKept = _sequence - _log.Count;
                if (after.Epoch == epoch && after.Sequence >= oldestKept && after.Sequence <= _sequence)
                    return new(head, [.. _log.Where(r => r.Position.Sequence > after.Sequence)], isContinuous: true);

                // A clear is not in the bounded table: it must not be forgotten.
                var tags = _tags.Entries();
                if (_clearedAt > 0)
                    tags = tags.Append(new(Invalidation.Everything, _clearedAt));
                var records = tags
                    .Select(t => new InvalidationRecord(new(epoch, t.Value), new(cache, tags: [t.Key])))
                    .Concat(_log.Where(r => r.Invalidation.Keys.Count > 0))
                    .OrderBy(r => r.Position.Sequence);
                return new(head, [.. records], isContinuous: false, _tags.Floor);
            }
        }

        public Subscription Subscribe(IInvalidationSubscriber subscriber)
        {
            lock (_gate)
                _subscribers.Add(subscriber);
            return new Subscription(this, subscriber);
        }

        public void Unsubscribe(IInvalidationSubscriber subscriber)
        {
            lock (_gate)
                _subscribers.Remove(subscriber);
        }

        private void Remember_NeedsLock(InvalidationRecord record)
        {
            _log.Enqueue(record);
            if (_log.Count > logCapacity)
                _log.Dequeue();
            foreach (var tag in record.Invalidation.Tags)
            {
                if (string.Equals(tag, Invalidation.Everything, StringComparison.Ordinal))
                    _clearedAt = record.Position.Sequence;
                else
                    _tags.Advance(tag, record.Position.Sequence);
            }
        }
    }

    private sealed class Subscription(History history, IInvalidationSubscriber subscriber) : IDisposable
    {
        public void Dispose() => history.Unsubscribe(subscriber);
    }
}
