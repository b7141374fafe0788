using System.Collections.Concurrent;
using ScaleKit.RateLimiting;

namespace ScaleKit.Redis;

/// <summary>
/// Decides while Redis is of no use. A local window begins with this node's share of what was in use when Redis was last asked for the key, so that an outage is no
/// way to take the limit twice. Thread-safe.
/// </summary>
internal sealed class RateLimitShare : IDisposable
{
    // A refusal must say when to come back: when the connection's breaker has surely tried again.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private const int MostShares = 1024;

    private readonly RateLimitFallback _mode;
    private readonly InProcessRateLimitStore _local;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<(RateLimitPolicy Policy, int Nodes), RateLimitPolicy> _shares = new();
    private int _nodes;
    private int _outage;

    public RateLimitShare(RedisRateLimitOptions options, TimeProvider time)
    {
        _mode = options.WhenUnavailable;
        _nodes = options.Nodes ?? 1;
        _time = time;
        _local = new InProcessRateLimitStore(timeProvider: time);
    }

    /// <summary>Nodes that share a limit.</summary>
    public int Nodes
    {
        get => Volatile.Read(ref _nodes);
        set => Volatile.Write(ref _nodes, Math.Max(1, value));
    }

    /// <summary>Redis counts again: the next outage begins with what it told by then.</summary>
    public void Ended() => Interlocked.Increment(ref _outage);

    public RateLimitDecision Decide(WindowKey window, int permits) => _mode switch
    {
        RateLimitFallback.Open => RateLimitDecision.Bypassed(window.Policy),
        RateLimitFallback.Closed => RateLimitDecision.Refused(window.Policy, 0, Pause, Pause),
        _ => DecideLocally(window, permits),
    };

    /// <summary>All or none.</summary>
    public RateLimitDecision Decide(ReadOnlySpan<WindowKey> windows, ReadOnlySpan<RateLimitCharge> charges)
    {
        if (_mode != RateLimitFallback.Local)
        {
            return Decide(windows[0], charges[0].Permits);
        }

        var shares = new RateLimitCharge[charges.Length];
        for (var i = 0; i < charges.Length; i++)
        {
            var share = ShareOf(charges[i].Policy);
            if (charges[i].Permits > share.Limit)
            {
                return RateLimitDecision.Refused(charges[i].Policy, 0, Pause, Pause);
            }

            Begin(windows[i], share);
            shares[i] = new RateLimitCharge(share, charges[i].Key, charges[i].Permits);
        }

        return _local.AttemptAcquireAll(shares);
    }

    public void Dispose() => _local.Dispose();

    private RateLimitDecision DecideLocally(WindowKey window, int permits)
    {
        var share = ShareOf(window.Policy);
        if (permits > share.Limit)
        {
            return RateLimitDecision.Refused(window.Policy, 0, Pause, Pause);
        }

        Begin(window, share);
        return _local.AttemptAcquire(new RateLimitCharge(share, window.Key, permits));
    }

    private void Begin(WindowKey window, RateLimitPolicy share)
    {
        lock (_gate)
        {
            if (window.KnownIn == _outage)
            {
                return;
            }

            window.KnownIn = _outage;
            var used = (int)Math.Min(share.Limit, (window.UsedAt(_time.GetTimestamp()) + Nodes - 1) / Nodes);
            if (used > 0)
            {
                // Counted from now on, so they return late rather than early. Completes at once.
                _ = _local.SettleAsync(new RateLimitCharge(share, window.Key, permits: 0), used).AsTask();
            }
        }
    }

    private RateLimitPolicy ShareOf(RateLimitPolicy policy)
    {
        var nodes = Nodes;
        if (nodes == 1)
        {
            return policy;
        }

        // Policies are few; a program that makes one for each call must not fill the memory.
        if (_shares.Count > MostShares)
        {
            _shares.Clear();
        }

        // Every node admits something: with more nodes than permits the sum is over the limit, but nobody is shut out.
        return _shares.GetOrAdd((policy, nodes), static id =>
            new RateLimitPolicy(id.Policy.Name, Math.Max(1, id.Policy.Limit / id.Nodes), id.Policy.Window, id.Policy.Buckets));
    }
}
