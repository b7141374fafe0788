using System.Numerics;

namespace ScaleKit.Sharding.Placement;

/// <summary>
/// A consistent-hash ring (Karger 1997) of independent 64-bit points. A shard's points depend on nothing but its id and its number of points, so adding or
/// removing a shard leaves all other points where they are. An index over the top bits finds the point after a hash in O(1) expected.
/// </summary>
internal sealed class PointRing
{
    public const int MaximumPoints = 16_777_216;

    private readonly ulong[] _points;
    private readonly ushort[] _owners;
    private readonly int[] _index;
    private readonly int _shift;

    /// <param name="ids">The shards' ids in ordinal order.</param>
    /// <param name="counts">Points of each shard.</param>
    public PointRing(string[] ids, int[] counts)
    {
        var total = 0;
        foreach (var count in counts)
        {
            total += count;
        }

        // One more entry than points: the end of the ring stands for its beginning, so that a search always ends.
        _points = new ulong[total + 1];
        _owners = new ushort[total + 1];
        Count = total;
        Place(ids, counts);
        _points[total] = ulong.MaxValue;
        _owners[total] = _owners[0];

        var bits = Math.Max(1, BitOperations.Log2((uint)total) + 1);
        _shift = 64 - bits;
        _index = Index(bits);
    }

    public int Count { get; }

    public ReadOnlySpan<ulong> Points => _points.AsSpan(0, Count);

    public ushort OwnerAt(int position) => _owners[position];

    public int OwnerOf(ulong hash) => _owners[Find(hash)];

    /// <summary>Position of the first point at or after the hash; <see cref="Count"/> when the first point of all is meant.</summary>
    public int Find(ulong hash)
    {
        var points = _points;
        var position = _index[(int)(hash >> _shift)];
        while (points[position] < hash)
        {
            position++;
        }

        return position;
    }

    private void Place(string[] ids, int[] counts)
    {
        var next = 0;
        for (var shard = 0; shard < ids.Length; shard++)
        {
            var id = KeyHash.Of(ids[shard]);
            for (var point = 0; point < counts[shard]; point++)
            {
                _points[next] = KeyHash.Combine(id, (ulong)point);
                _owners[next++] = (ushort)shard;
            }
        }

        Array.Sort(_points, _owners, 0, Count);

        // Two shards on one point: the lower id has it, whatever the sort made of it.
        for (var first = 0; first < Count; first++)
        {
            var last = first;
            while (last + 1 < Count && _points[last + 1] == _points[first])
            {
                last++;
            }

            Array.Sort(_owners, first, last - first + 1);
            first = last;
        }
    }

    private int[] Index(int bits)
    {
        var index = new int[1 << bits];
        var position = 0;
        for (var bucket = 0; bucket < index.Length; bucket++)
        {
            var start = (ulong)bucket << _shift;
            while (position < Count && _points[position] < start)
            {
                position++;
            }

            index[bucket] = position;
        }

        return index;
    }
}
