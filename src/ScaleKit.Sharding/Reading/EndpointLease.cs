using System.Runtime.InteropServices;

namespace ScaleKit.Sharding;

/// <summary>
/// Where one read or write goes. Dispose it once, when the call is over: it counts a read out, and begins the time in which reads of a written key go to the primary.
/// </summary>
/// <typeparam name="TEndpoint">What the application needs to reach a place.</typeparam>
[StructLayout(LayoutKind.Auto)]
public readonly struct EndpointLease<TEndpoint> : IDisposable, IEquatable<EndpointLease<TEndpoint>>
{
    private readonly ReadReplica<TEndpoint>? _replica;
    private readonly RecentWrites? _writes;
    private readonly TimeProvider? _time;
    private readonly ulong _hash;

    internal EndpointLease(string shardId, TEndpoint endpoint, ReadReplica<TEndpoint>? replica, RecentWrites? writes, TimeProvider time, ulong hash)
    {
        ShardId = shardId;
        Endpoint = endpoint;
        _replica = replica;
        _writes = writes;
        _time = time;
        _hash = hash;
    }

    /// <summary>The shard.</summary>
    public string ShardId { get; }

    /// <summary>What the application needs to reach the place.</summary>
    public TEndpoint Endpoint { get; }

    /// <summary>Whether this is the shard's primary.</summary>
    public bool IsPrimary => _replica is null;

    /// <summary>Ends the call.</summary>
    public void Dispose()
    {
        _replica?.Leave();
        _writes?.Mark(_hash, _time!.GetTimestamp());
    }

    /// <inheritdoc/>
    public bool Equals(EndpointLease<TEndpoint> other) => ReferenceEquals(_replica, other._replica) && ReferenceEquals(_writes, other._writes)
        && _hash == other._hash && string.Equals(ShardId, other.ShardId, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is EndpointLease<TEndpoint> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash.GetHashCode();

    /// <summary>Whether both are one call's.</summary>
    public static bool operator ==(EndpointLease<TEndpoint> left, EndpointLease<TEndpoint> right) => left.Equals(right);

    /// <summary>Whether they are two calls'.</summary>
    public static bool operator !=(EndpointLease<TEndpoint> left, EndpointLease<TEndpoint> right) => !left.Equals(right);
}
