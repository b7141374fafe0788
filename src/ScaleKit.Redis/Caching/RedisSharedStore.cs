using System.Buffers;
using System.Buffers.Binary;
using ScaleKit.Caching;

namespace ScaleKit.Redis;

/// <summary>
/// The shared level of caches in Redis. Each value carries its version and a number of its own; a small hash beside it, in the same slot, says who may change it.
/// Reading runs no script. Thread-safe; needs no disposal.
/// </summary>
public sealed class RedisSharedStore : ISharedStore
{
    private const string Area = "cache";
    private const int KeysAtOnce = 1024;
    private const string LeaseSuffix = ":lease";
    private static readonly RedisScript Lease = RedisScript.Load("Caching", nameof(Lease));
    private static readonly RedisScript Renew = RedisScript.Load("Caching", nameof(Renew));
    private static readonly RedisScript Fill = RedisScript.Load("Caching", nameof(Fill));
    private static readonly RedisScript Claim = RedisScript.Load("Caching", nameof(Claim));
    private static readonly RedisScript Revoke = RedisScript.Load("Caching", nameof(Revoke));
    private readonly RedisConnection _connection;
    private readonly FillWaiters _waiters;
    private readonly ReadQueue _reads;

    /// <summary>Uses a connection, which stays its owner's.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="timeProvider">The clock of waits; the system's if <see langword="null"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="connection"/> is null.</exception>
    public RedisSharedStore(RedisConnection connection, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        _connection = connection;
        _waiters = new FillWaiters(connection, timeProvider ?? TimeProvider.System);
        _reads = new ReadQueue(connection);
    }

    /// <inheritdoc/>
    /// <remarks>Readings that come while others are under way share one MGET; on a Redis Cluster each is a GET of its own.</remarks>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public ValueTask<SharedReading> ReadAsync(string key, IBufferWriter<byte> target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        var name = ValueName(key);
        return _connection.IsSingleServer ? _reads.ReadAsync(name, target, cancellationToken) : ReadAloneAsync(name, target, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>One MGET for up to 1,024 keys; on a Redis Cluster a GET for each, sent together.</remarks>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<IReadOnlyList<SharedReading>> ReadManyAsync(
        IReadOnlyList<string> keys, IReadOnlyList<IBufferWriter<byte>> targets, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(targets);
        if (keys.Count != targets.Count)
            throw new ArgumentException($"There are {keys.Count} keys and {targets.Count} targets: each key needs its own.", nameof(targets));
        var answers = await Task.WhenAll(
            keys.Select(ValueName).Chunk(KeysAtOnce).Select(names => _connection.GetManyAsync(names, cancellationToken).AsTask())).ConfigureAwait(false);
        var values = answers.SelectMany(a => a);
        return [.. values.Zip(targets, SharedValue.Take)];
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<FillLeaseAnswer> LeaseAsync(
        string key, FillTicket ticket, long useless, TimeSpan duration, IBufferWriter<byte> target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        var version = SharedValue.Head(ticket.Position).AsSpan(1).ToArray();
        var isForced = useless == SharedReading.Any;
        var reply = await _connection.RunAsync(
            Lease,
            [ValueName(key), LeaseName(key)],
            [Number(ticket.Token), version, Number(useless), Milliseconds(duration), isForced ? 1 : 0],
            cancellationToken).ConfigureAwait(false);
        if (reply.IsNull)
            return new(FillLeaseState.Granted);
        var bytes = reply.ToBytes();
        return SharedValue.IsOurs(bytes) ? new(FillLeaseState.Found, SharedValue.Take(bytes, target).Id) : new(FillLeaseState.Held);
    }

    /// <inheritdoc/>
    public Task WaitAsync(string key, TimeSpan longest, CancellationToken cancellationToken = default) => _waiters.WaitAsync(key, longest, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public ValueTask<bool> RenewAsync(string key, FillTicket ticket, TimeSpan duration, CancellationToken cancellationToken = default) =>
        RenewAsync(key, ticket, Milliseconds(duration), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask ReleaseAsync(string key, FillTicket ticket, CancellationToken cancellationToken = default) =>
        await RenewAsync(key, ticket, 0, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask<bool> FillAsync(
        string key, FillTicket ticket, ReadOnlyMemory<byte> value, TimeSpan lifetime, CancellationToken cancellationToken = default)
    {
        var reply = await _connection.RunAsync(
            Fill,
            [ValueName(key), LeaseName(key)],
            [Number(ticket.Token), SharedValue.Of(ticket, value.Span), Milliseconds(lifetime), _waiters.Channel.ToBytes(), FillWaiters.MessageFor(key)],
            cancellationToken).ConfigureAwait(false);
        return reply.ToInt64() == 1;
    }

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask ClaimAsync(string key, FillTicket ticket, TimeSpan duration, CancellationToken cancellationToken = default) =>
        await _connection.RunAsync(Claim, [LeaseName(key)], [Number(ticket.Token), Milliseconds(duration)], cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public ValueTask<bool> SetAsync(
        string key, FillTicket ticket, ReadOnlyMemory<byte> value, TimeSpan lifetime, CancellationToken cancellationToken = default) =>
        RevokeAsync(key, ticket.Position, Number(ticket.Token), SharedValue.Of(ticket, value.Span), Milliseconds(lifetime), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="RedisUnavailableException">Redis did not answer in time.</exception>
    public async ValueTask RevokeAsync(string key, InvalidationPosition version, CancellationToken cancellationToken = default) =>
        await RevokeAsync(key, version, [], [], 0, cancellationToken).ConfigureAwait(false);

    private static byte[] Number(long number)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }

    /// <summary>At least 1: to the server 0 is no time at all.</summary>
    private static long Milliseconds(TimeSpan time) => Math.Max(1, (long)Math.Min(time.TotalMilliseconds, TimeSpan.FromDays(3650).TotalMilliseconds));

    private async ValueTask<SharedReading> ReadAloneAsync(RedisName name, IBufferWriter<byte> target, CancellationToken cancellationToken) =>
        SharedValue.Take(await _connection.GetAsync(name, cancellationToken).ConfigureAwait(false), target);

    private async ValueTask<bool> RenewAsync(string key, FillTicket ticket, long milliseconds, CancellationToken cancellationToken)
    {
        var reply = await _connection.RunAsync(
            Renew,
            [LeaseName(key)],
            [Number(ticket.Token), milliseconds, _waiters.Channel.ToBytes(), FillWaiters.MessageFor(key)],
            cancellationToken).ConfigureAwait(false);
        return reply.ToInt64() == 1;
    }

    private async ValueTask<bool> RevokeAsync(
        string key, InvalidationPosition version, byte[] token, byte[] value, long milliseconds, CancellationToken cancellationToken)
    {
        var reply = await _connection.RunAsync(
            Revoke,
            [ValueName(key), LeaseName(key)],
            [SharedValue.Head(version), token, value, milliseconds, _waiters.Channel.ToBytes(), FillWaiters.MessageFor(key)],
            cancellationToken).ConfigureAwait(false);
        return reply.ToInt64() == 1;
    }

    private RedisName ValueName(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return _connection.Names.Name(Area, key);
    }

    private RedisName LeaseName(string key) => _connection.Names.Name(Area, key, LeaseSuffix);
}
