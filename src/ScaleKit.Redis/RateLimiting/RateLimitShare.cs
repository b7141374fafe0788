using System.Collections.Concurrent;
using ScaleKit.RateLimiting;

namespace ScaleKit.Redis;

/// <summary>Decides while Redis is of no use. Thread-safe.</summary>
internal sealed class RateLimitShare : IDisposable
{
    // A refusal must say when to come back: when the connection's breaker has surely tried again.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private const int MostShares = 1024;

    private readonly RateLimitFallback _mode;
    private readonly InProcessRateLimitStore _local;
    private readonly ConcurrentDictionary<(RateLimitPolicy Policy, int Nodes), RateLimitPolicy> _shares = new();
    private int _nodes;

    public RateLimitShare(RedisRateLimitOptions options, TimeProvider time)
    {
        _mode = options.WhenUnavailable;
        _nodes = options.Nodes ?? 1;
        _local = new InProcessRateLimitStore(timeProvider: time);
    }

    /// <summary>Nodes that share a limit.</summary>
    public int Nodes
    {
        get => Volatile.Read(ref _nodes);
        set => Volatile.Write(ref _nodes, Math.Max(1, value));
    }

    public RateLimitDecision Decide(RateLimitPolicy policy, string key, int permits) => _mode switch
    {
        RateLimitFallback.Open => RateLimitDecision.Bypassed(policy),
        RateLimitFallback.Closed => RateLimitDecision.Refused(policy, 0, Pause, Pause),
        _ => DecideLocally(new RateLimitCharge(policy, key, permits)),
    };

    /// <summary>All or none.</summary>
    public RateLimitDecision Decide(ReadOnlySpan<RateLimitCharge> charges)
    {
        if (_mode != RateLimitFallback.Local)
        {
            return Decide(charges[0].Policy, charges[0].Key, charges[0].Permits);
        }

        var shares = new RateLimitCharge[charges.Length];
        for (var i = 0; i < charges.Length; i++)
        {
            var share = ShareOf(charges[i].Policy);
            if (charges[i].Permits > share.Limit)
            {
                return RateLimitDecision.Refused(charges[i].Policy, 0, Pause, Pause);
            }

            shares[i] = new RateLimitCharge(share, charges[i].Key, charges[i].Permits);
        }

        return _local.AttemptAcquireAll(shares);
    }

    public void Dispose() => _local.Dispose();

    private RateLimitDecision DecideLocally(in RateLimitCharge charge)
    {
        var share = ShareOf(charge.Policy);
        return charge.Permits > share.Limit
            ? RateLimitDecision.Refused(charge.Policy, 0, Pause, Pause)
            : _local.AttemptAcquire(new RateLimitCharge(share, charge.Key, charge.Permits));
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
