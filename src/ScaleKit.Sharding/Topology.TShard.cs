using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace ScaleKit.Sharding;

/// <summary>
/// Who owns which keys: an immutable value, made from the set of shards and never from history, so that every process that is given the same
/// shards and table comes to the same answer. Thread-safe.
/// </summary>
/// <typeparam name="TShard">What the application keeps for a shard.</typeparam>
public abstract class Topology<TShard>
{
    private readonly Shard<TShard>[] _shards;
    private readonly ushort[]? _owners;
    private readonly int _shift;

    private protected Topology(ShardSet<TShard> shards, long version, string fingerprint, ushort[]? owners)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        Set = shards;
        Version = version;
        Fingerprint = fingerprint;
        Shards = Array.AsReadOnly(shards.Ordered);
        _shards = shards.Ordered;
        _owners = owners;
        _shift = owners is null ? 0 : 64 - int.Log2(owners.Length);
    }

    /// <summary>Number of this topology, from 1; a router only ever goes to a higher one.</summary>
    public long Version { get; }

    /// <summary>
    /// 16 hexadecimal digits: XXH3-64 of all that decides placement (kind, shards, weights, zones, regions, table; not the version, not the payloads).
    /// Equal fingerprints place every key alike.
    /// </summary>
    public string Fingerprint { get; }

    /// <summary>All shards, in the ordinal order of their ids.</summary>
    public IReadOnlyList<Shard<TShard>> Shards { get; }

    internal ShardSet<TShard> Set { get; }

    /// <summary>The shard that owns every key with this hash. O(1), allocates nothing.</summary>
    /// <param name="hash">A hash made by <see cref="KeyHash"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Shard<TShard> ShardOf(ulong hash)
    {
        // The table is read here and not behind a virtual call: this is the hot path of stored data.
        var owners = _owners;
        return owners is not null ? _shards[owners[(int)(hash >> _shift)]] : ShardOnRing(hash);
    }

    /// <summary>
    /// The shards that stand in for each other for every key with this hash: the owner first, then distinct shards, each of the next ones from a zone not yet used
    /// while there is one. The first k do not depend on how many are asked for. When a shard comes or goes, k of them lose at most one member; of a slot that
    /// moves into another zone at most two, which is the least that is possible when the owner is first and the zones are distinct.
    /// </summary>
    /// <param name="hash">A hash made by <see cref="KeyHash"/>.</param>
    /// <param name="destination">Receives the shards.</param>
    /// <returns>How many were written: the length of <paramref name="destination"/>, or the number of shards if that is less.</returns>
    public int ReplicasOf(ulong hash, Span<Shard<TShard>> destination)
    {
        const int StackShards = 64;
        var count = Math.Min(destination.Length, _shards.Length);
        Span<int> order = count <= StackShards ? stackalloc int[StackShards] : new int[count];
        var filled = FillReplicas(hash, order[..count]);
        for (var i = 0; i < filled; i++)
        {
            destination[i] = _shards[order[i]];
        }

        return filled;
    }

    /// <summary>Finds a shard by its id.</summary>
    /// <param name="id">The id, compared ordinally.</param>
    /// <param name="shard">The shard, when there is one.</param>
    /// <returns>Whether the topology has such a shard.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public bool TryGetShard(string id, [NotNullWhen(true)] out Shard<TShard>? shard)
    {
        ArgumentNullException.ThrowIfNull(id);
        var index = Set.IndexOf(id);
        shard = index < 0 ? null : _shards[index];
        return shard is not null;
    }

    private protected int IndexOf(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return Set.IndexOf(id) is var index and >= 0
            ? index
            : throw new ArgumentException($"Topology {Version} has no shard '{ShardNames.Show(id)}'.", nameof(id));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Shard<TShard> ShardOnRing(ulong hash) => _shards[RingOwnerOf(hash)];

    private protected abstract int RingOwnerOf(ulong hash);

    /// <summary>The whole range of hashes as runs with one owner, ascending: the end of each, not included, and the number of the owner.</summary>
    internal abstract IEnumerable<(UInt128 End, int Owner)> Arcs();

    private protected abstract int FillReplicas(ulong hash, Span<int> order);
}
