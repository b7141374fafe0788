namespace ScaleKit.Sharding;

/// <summary>
/// Sends writes to the primary of a key's shard, and reads to a replica; for a stated time after a write of a key, its reads in this process go to the primary too. Which shard owns
/// a key never depends on health: when a primary is down, writes fail. Allocates nothing per call. Thread-safe.
/// </summary>
/// <typeparam name="TEndpoint">What the application needs to reach a place.</typeparam>
public sealed class ReadWriteRouter<TEndpoint>
{
    private readonly ShardRouter<ShardEndpoints<TEndpoint>> _router;
    private readonly ReadRoutingOptions _options;
    private readonly TimeProvider _time;
    private readonly RecentWrites? _writes;
    private readonly long _span;

    /// <summary>Makes a router over one whose shards have endpoints.</summary>
    /// <param name="router">Says which shard owns a key.</param>
    /// <param name="options">Settings, checked and copied; null for the defaults.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <exception cref="ArgumentNullException"><paramref name="router"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ReadWriteRouter(ShardRouter<ShardEndpoints<TEndpoint>> router, ReadRoutingOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(router);
        _router = router;
        _options = ReadRoutingOptions.ValidatedCopy(options ?? new ReadRoutingOptions());
        _time = time ?? TimeProvider.System;
        _span = (long)(_options.ReadYourWrites.TotalSeconds * _time.TimestampFrequency);
        _writes = _span > 0 ? new RecentWrites(_options.RememberedWrites) : null;
    }

    /// <summary>Where to write a key: always the primary.</summary>
    /// <param name="key">The key.</param>
    /// <returns>A lease to dispose when the write is over.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="key"/> is too long.</exception>
    public EndpointLease<TEndpoint> BeginWrite(string key) => BeginWrite(_router.Route(key, out var token), token.Hash);

    /// <inheritdoc cref="BeginWrite(string)"/>
    public EndpointLease<TEndpoint> BeginWrite(long key) => BeginWrite(_router.Route(key, out var token), token.Hash);

    /// <inheritdoc cref="BeginWrite(string)"/>
    public EndpointLease<TEndpoint> BeginWrite(Guid key) => BeginWrite(_router.Route(key, out var token), token.Hash);

    /// <summary>Where to read a key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>A lease to dispose when the read is over.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="key"/> is too long.</exception>
    public EndpointLease<TEndpoint> BeginRead(string key) => BeginRead(_router.Route(key, out var token), token.Hash);

    /// <inheritdoc cref="BeginRead(string)"/>
    public EndpointLease<TEndpoint> BeginRead(long key) => BeginRead(_router.Route(key, out var token), token.Hash);

    /// <inheritdoc cref="BeginRead(string)"/>
    public EndpointLease<TEndpoint> BeginRead(Guid key) => BeginRead(_router.Route(key, out var token), token.Hash);

    private EndpointLease<TEndpoint> BeginWrite(Shard<ShardEndpoints<TEndpoint>> shard, ulong hash)
    {
        // Marked at the beginning too: a caller that never disposes has its time from here on.
        _writes?.Mark(hash, _time.GetTimestamp());
        return new EndpointLease<TEndpoint>(shard.Id, shard.Payload.Primary, replica: null, _writes, _time, hash);
    }

    private EndpointLease<TEndpoint> BeginRead(Shard<ShardEndpoints<TEndpoint>> shard, ulong hash)
    {
        var replica = _writes is not null && _writes.IsRecent(hash, _time.GetTimestamp(), _span)
            ? null
            : shard.Payload.Choose(_options.Policy, _options.Zone);
        replica?.Enter();
        return new EndpointLease<TEndpoint>(
            shard.Id, replica is null ? shard.Payload.Primary : replica.Endpoint, replica, writes: null, _time, hash);
    }
}
