namespace ScaleKit.Sharding;

/// <summary>The places of one shard: the primary, which takes all writes, and its read replicas. The payload of a shard. Thread-safe.</summary>
/// <typeparam name="TEndpoint">What the application needs to reach a place.</typeparam>
public sealed class ShardEndpoints<TEndpoint>
{
    private readonly ReadReplica<TEndpoint>[] _replicas;
    private uint _turn;

    /// <summary>Describes a shard's places.</summary>
    /// <param name="primary">Takes all writes, and reads that must see them.</param>
    /// <param name="replicas">Take the other reads; null or empty for none.</param>
    /// <exception cref="ArgumentException">A replica is null.</exception>
    public ShardEndpoints(TEndpoint primary, IEnumerable<ReadReplica<TEndpoint>>? replicas = null)
    {
        Primary = primary;
        _replicas = [.. replicas ?? []];
        if (Array.IndexOf(_replicas, null) >= 0)
        {
            throw new ArgumentException("A replica is null.", nameof(replicas));
        }

        Replicas = Array.AsReadOnly(_replicas);
    }

    /// <summary>Takes all writes, and reads that must see them.</summary>
    public TEndpoint Primary { get; }

    /// <summary>Take the other reads.</summary>
    public IReadOnlyList<ReadReplica<TEndpoint>> Replicas { get; }

    internal ReadReplica<TEndpoint>? Choose(ReadPolicy policy, string? zone)
    {
        if (_replicas.Length == 0)
        {
            return null;
        }

        var turn = Interlocked.Increment(ref _turn);
        return policy switch
        {
            ReadPolicy.SameZoneFirst => InTurn(turn, zone) ?? InTurn(turn, zone: null),
            ReadPolicy.LeastOutstanding => Least((int)(turn % (uint)_replicas.Length)),
            _ => InTurn(turn, zone: null),
        };
    }

    private ReadReplica<TEndpoint>? InTurn(uint turn, string? zone)
    {
        var candidates = 0u;
        foreach (var replica in _replicas)
        {
            candidates += IsCandidate(replica, zone) ? 1u : 0u;
        }

        // The turn counts candidates only: stepping over the others would give their share to whoever stands after them.
        var skip = candidates == 0 ? 0 : turn % candidates;
        foreach (var replica in _replicas)
        {
            if (IsCandidate(replica, zone) && skip-- == 0)
            {
                return replica;
            }
        }

        return null;
    }

    private static bool IsCandidate(ReadReplica<TEndpoint> replica, string? zone) =>
        replica.IsAvailable && (zone is null || string.Equals(replica.Zone, zone, StringComparison.Ordinal));

    private ReadReplica<TEndpoint>? Least(int start)
    {
        ReadReplica<TEndpoint>? least = null;
        for (var i = 0; i < _replicas.Length; i++)
        {
            var replica = _replicas[(start + i) % _replicas.Length];
            if (replica.IsAvailable && (least is null || replica.Outstanding < least.Outstanding))
            {
                least = replica;
            }
        }

        return least;
    }
}
