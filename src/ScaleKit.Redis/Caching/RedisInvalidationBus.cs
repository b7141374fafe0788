using System.Collections.Concurrent;
using ScaleKit.Caching;

namespace ScaleKit.Redis;

/// <summary>
/// The invalidation logs of caches in Redis: a capped list of records for each cache name, a bounded table of removed tags, and a channel. Sequences and epochs
/// come from the server. Records lost by pub/sub are read later; a log that lost records which some cache knows of (restarted empty, a replica promoted that
/// lagged behind) is found out by the links of the records and begins a new epoch, in which no older value is valid. Thread-safe; needs no disposal.
/// </summary>
public sealed class RedisInvalidationBus : IInvalidationBus
{
    private const string Area = "cachelog";
    private const int MostBytes = 16 * 1024 * 1024;
    private const int MostTagsAtOnce = 8192;
    private const int MostRecordsAtOnce = 2048;
    private static readonly RedisScript Append = RedisScript.Load("Caching", nameof(Append));
    private static readonly RedisScript Read = RedisScript.Load("Caching", nameof(Read));
    private readonly ConcurrentDictionary<string, Place> _places = new(StringComparer.Ordinal);
    private readonly RedisConnection _connection;
    private readonly int _logCapacity;
    private readonly int _tagCapacity;

    /// <summary>Uses a connection, which stays its owner's.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="logCapacity">How many records of each cache are kept for readers who missed some, up to 16 MiB; at least 1.</param>
    /// <param name="tagCapacity">How many distinct removed tags of each cache are remembered, up to 16 MiB; at least 1.</param>
    /// <exception cref="ArgumentNullException"><paramref name="connection"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A capacity is too small.</exception>
    public RedisInvalidationBus(RedisConnection connection, int logCapacity = 4096, int tagCapacity = 65_536)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentOutOfRangeException.ThrowIfLessThan(logCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(tagCapacity, 1);
        (_connection, _logCapacity, _tagCapacity) = (connection, logCapacity, tagCapacity);
    }

    /// <inheritdoc/>
    /// <value><see langword="true"/>.</value>
    public bool NeedsHeartbeat => true;

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    /// <exception cref="ArgumentException">A key or tag has a lone surrogate.</exception>
    public async ValueTask<InvalidationPosition> AppendAsync(Invalidation invalidation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(invalidation);
        var place = PlaceOf(invalidation.Cache);
        var tags = invalidation.Tags.Where(t => !string.Equals(t, Invalidation.Everything, StringComparison.Ordinal)).ToArray();
        var isClear = tags.Length < invalidation.Tags.Count;
        var reply = await _connection.RunAsync(
            Append,
            place.Keys,
            [
                place.HighestEpoch, Random.Shared.NextInt64(1, long.MaxValue), InvalidationCodec.Encode(invalidation), place.Channel.ToBytes(),
                _logCapacity, MostBytes, _tagCapacity, isClear ? 1 : 0, .. tags.Select(t => (RedisArgument)InvalidationCodec.Encode(t)),
            ],
            cancellationToken).ConfigureAwait(false);
        var items = reply.ToItems();
        return place.Saw(new(items[0].ToInt64(), items[1].ToInt64(), items[2].ToInt64()));
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<InvalidationBatch> ReadFromAsync(string cache, InvalidationPosition after, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(cache);
        var place = PlaceOf(cache);

        // What one cache of this process knows, all of them know: who starts now must not take a log for whole that has lost what another one heard.
        var known = after.IsKnown ? after : new(Math.Max(0, place.HighestEpoch - 1), 0);
        var reply = await _connection.RunAsync(
            Read,
            place.Keys,
            [known.Epoch, known.Sequence, known.Link, place.Channel.ToBytes(), MostRecordsAtOnce, MostTagsAtOnce],
            cancellationToken).ConfigureAwait(false);
        return ToBatch(cache, place, reply.ToItems());
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(string cache, IInvalidationSubscriber subscriber)
    {
        ArgumentException.ThrowIfNullOrEmpty(cache);
        ArgumentNullException.ThrowIfNull(subscriber);
        var listener = new InvalidationListener(cache, subscriber);
        return new Subscription(_connection.Subscribe(PlaceOf(cache).Channel, listener), listener);
    }

    private static InvalidationBatch ToBatch(string cache, Place place, RedisReply[] items)
    {
        var head = place.Saw(new(items[1].ToInt64(), items[2].ToInt64(), items[3].ToInt64()));
        var isContinuous = items[0].ToInt64() == 1;
        var records = new List<InvalidationRecord>();
        var tags = items[7].ToItems();
        var floor = items[4].ToInt64();
        for (var i = 0; i < tags.Length; i += 2)
        {
            var at = tags[i + 1].ToInt64();
            if (InvalidationCodec.TryDecodeTag(tags[i].ToBytes(), out var tag))
                records.Add(new(new(head.Epoch, at), new(cache, tags: [tag])));
            else
                floor = Math.Max(floor, at);
        }

        if (items[5].ToInt64() is > 0 and var clear)
            records.Add(new(new(head.Epoch, clear), new(cache, tags: [Invalidation.Everything])));
        foreach (var item in items[6].ToItems())
        {
            // A record that cannot be read may void anything: the reader must not go on as if nothing were missing.
            if (InvalidationCodec.TryDecode(cache, item.ToBytes(), out var record))
                records.Add(record);
            else
                (isContinuous, floor) = (false, head.Sequence);
        }

        records.Sort(static (one, other) => one.Position.Sequence.CompareTo(other.Position.Sequence));
        return new(head, records, isContinuous, floor);
    }

    private Place PlaceOf(string cache) =>
        _places.TryGetValue(cache, out var known) ? known : _places.GetOrAdd(cache, new Place(_connection.Names, cache));

    /// <summary>Where the log of one cache lies, and the highest epoch that was seen there.</summary>
    private sealed class Place(RedisNames names, string cache)
    {
        private long _highestEpoch;

        public RedisKeys Keys { get; } = [names.Name(Area, cache, ":head"), names.Name(Area, cache, ":records"), names.Name(Area, cache, ":tags")];

        public RedisName Channel { get; } = names.Name(Area, cache);

        public long HighestEpoch => Volatile.Read(ref _highestEpoch);

        public InvalidationPosition Saw(InvalidationPosition position)
        {
            var highest = HighestEpoch;
            while (position.Epoch > highest)
            {
                var seen = Interlocked.CompareExchange(ref _highestEpoch, position.Epoch, highest);
                if (seen == highest)
                    break;
                highest = seen;
            }

            return position;
        }
    }

    private sealed class Subscription(RedisSubscription subscription, InvalidationListener listener) : IDisposable
    {
        public void Dispose()
        {
            listener.Leave();
            Late.Observe(subscription.DisposeAsync().AsTask());
        }
    }
}
