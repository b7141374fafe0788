using System.Collections.Concurrent;
using ScaleKit.RateLimiting;

namespace ScaleKit.Redis;

/// <summary>
/// The keys that a node remembers, bounded in two generations: when the young one is full it becomes the old one, and what the old one held and nobody asked
/// for since is forgotten. Thread-safe.
/// </summary>
internal sealed class WindowKeys(RedisNames names, int maximum, LeaseReturns returns, TimeProvider time)
{
    private readonly Lock _gate = new();
    private volatile ConcurrentDictionary<Id, WindowKey> _young = Create();
    private volatile ConcurrentDictionary<Id, WindowKey> _old = Create();
    private int _count;

    public WindowKey Get(RateLimitPolicy policy, string key)
    {
        var id = new Id(policy, key);
        return _young.TryGetValue(id, out var known) ? known : Add(id);
    }

    private WindowKey Add(Id id)
    {
        var key = _old.TryGetValue(id, out var known) ? known : Create(id);
        var kept = _young.GetOrAdd(id, key);
        if (ReferenceEquals(kept, key) && Interlocked.Increment(ref _count) > maximum / 2)
        {
            Turn();
        }

        return kept;
    }

    private WindowKey Create(Id id)
    {
        var (policy, name) = (id.Policy, WindowName.Of(names, id.Policy.Name, id.Key));
        return new WindowKey(policy, id.Key, name, policy.LeaseLimit > 0 && WindowShape.Of(policy).HasBuckets ? new LeasedKey(policy, returns, time) : null);
    }

    private void Turn()
    {
        lock (_gate)
        {
            if (_count > maximum / 2)
            {
                _old = _young;
                _young = Create();
                _count = 0;
            }
        }
    }

    private static ConcurrentDictionary<Id, WindowKey> Create() => new();

    /// <summary>The policy by reference: a reload makes another one.</summary>
    private readonly struct Id(RateLimitPolicy policy, string key) : IEquatable<Id>
    {
        public readonly RateLimitPolicy Policy = policy;
        public readonly string Key = key;

        public bool Equals(Id other) => ReferenceEquals(Policy, other.Policy) && string.Equals(Key, other.Key, StringComparison.Ordinal);

        public override bool Equals(object? obj) => obj is Id other && Equals(other);

        public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal) ^ System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(Policy);
    }
}
