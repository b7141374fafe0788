using System.Numerics;

namespace ScaleKit.Sharding;

/// <summary>
/// Stands before a shard's store and refuses calls that were routed by a topology from before a slot moved away (or back). Raise it for the slots of a wave before the copy is
/// declared complete: from then on a process that has not heard of the new topology cannot write to the old place. It only ever rises. Thread-safe, lock-free.
/// </summary>
public sealed class RouteFence
{
    private readonly long[] _lowest;
    private readonly int _shift;

    /// <summary>Makes a fence that lets every token pass.</summary>
    /// <param name="slotCount">The slot count of the topology. Default 65,536 (512 KB).</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="slotCount"/> is not a power of two from 256 to 65,536.</exception>
    public RouteFence(int slotCount = SlotTopology.DefaultSlotCount)
    {
        if (!BitOperations.IsPow2(slotCount) || slotCount is < SlotTopology.MinimumSlotCount or > SlotTopology.DefaultSlotCount)
        {
            throw new ArgumentOutOfRangeException(nameof(slotCount), slotCount, "The number of slots is a power of two from 256 to 65,536.");
        }

        _lowest = new long[slotCount];
        _shift = 64 - int.Log2(slotCount);
    }

    /// <summary>From now on only tokens of this version or a later one pass for these slots.</summary>
    /// <param name="first">First slot.</param>
    /// <param name="last">Last slot, included.</param>
    /// <param name="version">The topology by which the slots have their new owner.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such slots, or the version is below 1.</exception>
    public void Raise(int first, int last, long version)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(last, _lowest.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        for (var slot = first; slot <= last; slot++)
        {
            RaiseOne(ref _lowest[slot], version);
        }
    }

    /// <summary>From now on only tokens of this version or a later one pass, for every slot.</summary>
    /// <param name="version">The version.</param>
    /// <exception cref="ArgumentOutOfRangeException">The version is below 1.</exception>
    public void RaiseAll(long version) => Raise(0, _lowest.Length - 1, version);

    /// <summary>Whether a call with this token may go on.</summary>
    /// <param name="token">The token of the call.</param>
    public bool Allows(RouteToken token) => token.Version >= Volatile.Read(ref _lowest[(int)(token.Hash >> _shift)]);

    /// <summary>Refuses a call whose token is stale. The caller takes the newer topology and routes again.</summary>
    /// <param name="token">The token of the call.</param>
    /// <exception cref="StaleRouteException">The key's slot has moved since.</exception>
    public void Check(RouteToken token)
    {
        var lowest = Volatile.Read(ref _lowest[(int)(token.Hash >> _shift)]);
        if (token.Version < lowest)
        {
            throw new StaleRouteException(token, lowest);
        }
    }

    private static void RaiseOne(ref long lowest, long version)
    {
        // Two raises race: the lower one must not win by coming last.
        var seen = Volatile.Read(ref lowest);
        while (seen < version)
        {
            var before = Interlocked.CompareExchange(ref lowest, version, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
