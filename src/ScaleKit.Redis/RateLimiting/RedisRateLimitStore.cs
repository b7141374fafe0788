using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ScaleKit.RateLimiting;

namespace ScaleKit.Redis;

/// <summary>
/// Counts in Redis, for all nodes together: never more than the limit in any window, by the server's clock alone. Calls of one process that come together travel
/// together; a key that was refused is refused without asking until its permits come free. Redis' absence never throws: see
/// <see cref="RedisRateLimitOptions.WhenUnavailable"/>. Thread-safe.
/// </summary>
/// <remarks>
/// All policies of one key lie in one hash slot. On a Redis Cluster, <see cref="AcquireAllAsync"/> over different keys needs a hash tag that they share:
/// <c>{acme}ann</c> and <c>{acme}</c>.
/// </remarks>
public sealed class RedisRateLimitStore : IRateLimitStore, IDisposable
{
    private readonly RedisConnection _connection;
    private readonly TimeProvider _time;
    private readonly RateLimitShare _fallback;
    private readonly AcquireScript _script;
    private readonly AcquireMetrics _metrics;
    private readonly LeaseReturns _returns;
    private readonly WindowKeys _keys;
    private readonly AcquireQueue _queue;
    private readonly ConcurrentDictionary<int, AcquireQueue> _queuesBySlot = new();

    /// <summary>Creates a store; nothing is connected yet.</summary>
    /// <param name="connection">The way to Redis; it is not disposed.</param>
    /// <param name="options">Copied and checked. The defaults when null.</param>
    /// <param name="timeProvider">The clock of timeouts and refusals; only its monotonic timestamp and its timers are used. The system's when null.</param>
    /// <param name="loggerFactory">Told once when Redis ceases and begins again to be of use. None when null.</param>
    /// <param name="meterFactory">Makes the meter <see cref="RedisDiagnostics.MeterName"/>. The store makes and disposes one of its own when null.</param>
    /// <exception cref="ArgumentNullException"><paramref name="connection"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public RedisRateLimitStore(
        RedisConnection connection,
        RedisRateLimitOptions? options = null,
        TimeProvider? timeProvider = null,
        ILoggerFactory? loggerFactory = null,
        IMeterFactory? meterFactory = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var copy = (options ?? new RedisRateLimitOptions()).CopyChecked();
        _connection = connection;
        _time = timeProvider ?? TimeProvider.System;
        _fallback = new RateLimitShare(copy, _time);
        _metrics = new AcquireMetrics(meterFactory);
        _script = new AcquireScript(connection, copy, _fallback, _metrics, _time, (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger(RedisDiagnostics.MeterName));
        _returns = new LeaseReturns(_script, _time);
        _keys = new WindowKeys(connection.Names, copy.RememberedKeys, _returns, _time);
        _queue = new AcquireQueue(_script, _time);
    }

    /// <summary>Nodes that a limit is divided by while Redis is away.</summary>
    internal RateLimitShare Fallback => _fallback;

    /// <inheritdoc/>
    /// <remarks>Knows permits that were taken ahead, and refusals: a key whose permits are not free until a known time.</remarks>
    public RateLimitDecision AttemptAcquire(in RateLimitCharge charge)
    {
        RateLimitCharge.Check(charge, nameof(charge));
        return _keys.Get(charge.Policy, charge.Key).TryDecide(charge.Permits, _time, _metrics, out var decision) ? decision : RateLimitDecision.Undecided(charge.Policy);
    }

    /// <inheritdoc/>
    public ValueTask<RateLimitDecision> AcquireAsync(RateLimitCharge charge, CancellationToken cancellationToken = default)
    {
        RateLimitCharge.Check(charge, nameof(charge));
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<RateLimitDecision>(cancellationToken);
        }

        var key = _keys.Get(charge.Policy, charge.Key);
        if (key.TryDecide(charge.Permits, _time, _metrics, out var decision))
        {
            return new(decision);
        }

        return QueueOf(key) is { } queue ? queue.AcquireAsync(key, charge.Permits, cancellationToken) : ChargeAsync(new[] { charge }, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Redis is a Cluster and the keys lie in different hash slots.</exception>
    public ValueTask<RateLimitDecision> AcquireAllAsync(ReadOnlyMemory<RateLimitCharge> charges, CancellationToken cancellationToken = default)
    {
        RateLimitCharge.Check(charges.Span, nameof(charges));
        if (charges.Length == 1)
        {
            return AcquireAsync(charges.Span[0], cancellationToken);
        }

        return cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<RateLimitDecision>(cancellationToken) : ChargeAsync(charges, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>A refusal that another node remembers ends at its time, also where permits were given back before. A correction within one window of the call is safe.</remarks>
    public async ValueTask<bool> SettleAsync(RateLimitCharge charge, int actual, CancellationToken cancellationToken = default)
    {
        RateLimitCharge.Check(charge, nameof(charge));
        ArgumentOutOfRangeException.ThrowIfNegative(actual);
        cancellationToken.ThrowIfCancellationRequested();
        if (actual == charge.Permits)
        {
            return true;
        }

        var key = _keys.Get(charge.Policy, charge.Key);
        var request = new AcquireRequest();
        request.Key(key.Shape);
        request.Run(actual < charge.Permits ? AcquireKind.Refund : AcquireKind.Charge, Math.Abs(actual - charge.Permits), callers: 1);
        byte[]? reply;
        try
        {
            reply = await _script.RunAloneAsync(key.Alone, [request.ToBytes()], cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Also where the caller has given up: what was sent is carried out all the same.
            key.Forget();
        }

        if (reply is not null && new AcquireReply(reply).Key().Used == AcquireReply.Unknown)
        {
            _script.FoundAnotherVersion();
            return false;
        }

        return reply is not null;
    }

    /// <summary>Ends the local windows of <see cref="RateLimitFallback.Local"/>. The connection stays open.</summary>
    public void Dispose()
    {
        _returns.Dispose();
        _metrics.Dispose();
        _fallback.Dispose();
    }

    private ValueTask<RateLimitDecision> ChargeAsync(ReadOnlyMemory<RateLimitCharge> charges, CancellationToken cancellationToken) =>
        new AcquireTogether(_script, _keys, _time).AcquireAsync(charges, SlotOf, cancellationToken);

    /// <summary>
    /// Where calls for a key are joined; null as long as no server was reached: they go one by one. Were they in a queue by then, a key could stand in two queues of a
    /// Cluster, each with its own lock, and one call carry keys of several slots.
    /// </summary>
    private AcquireQueue? QueueOf(WindowKey key)
    {
        if (_connection.IsSingleServer)
        {
            return _queue;
        }

        return SlotOf(key) is var slot and >= 0 ? _queuesBySlot.GetOrAdd(slot, static (_, store) => new AcquireQueue(store._script, store._time), this) : null;
    }

    /// <summary>The slot of a key; -1 where the server is not a Cluster, or not known yet.</summary>
    private int SlotOf(WindowKey key) => _connection.SlotOf(key.Name);
}
