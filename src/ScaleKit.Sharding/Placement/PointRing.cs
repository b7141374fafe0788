using System.Numerics;

namespace ScaleKit.Sharding;

/// <summary>
/// A consistent-hash ring (Karger 1997) of independent 64-bit points. A shard's points depend on nothing but its id and its number of points, so adding or
/// removing a shard leaves all other points where they are. An index over the top bits finds the point after a hash in O(1) expected.
/// </summary>
internal sealed class PointRing
{
    public const int MaximumPoints = 16_777_216;

    // Value and owner side by side: a lookup costs one cache line of the ring, not two.
    private readonly RingPoint[] _points;
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
        _points = new RingPoint[total + 1];
        Count = total;
        Place(ids, counts);
        _points[total] = new RingPoint(ulong.MaxValue, _points[0].Owner);

        var bits = Math.Max(1, BitOperations.Log2((uint)total) + 1);
        _shift = 64 - bits;
        _index = Index(bits);
    }

    public int Count { get; }

    public ulong PointAt(int position) => _points[position].Value;

    public ushort OwnerAt(int position) => _points[position].Owner;

    public int OwnerOf(ulong hash) => _points[Find(hash)].Owner;

    /// <summary>Position of the first point at or after the hash; <see cref="Count"/> when the first point of all is meant.</summary>
    public int Find(ulong hash)
    {
        var points = _points;
        var position = _index[(int)(hash >> _shift)];
        while (points[position].Value < hash)
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
                _points[next++] = new RingPoint(KeyHash.Combine(id, (ulong)point), (ushort)shard);
            }
        }

        Array.Sort(_points, 0, Count);
    }

    private int[] Index(int bits)
    {
        var index = new int[1 << bits];
        var position = 0;
        for (var bucket = 0; bucket < index.Length; bucket++)
        {
            var start = (ulong)bucket << _shift;
            while (position < Count && _points[position].Value < start)
            {
                position++;
            }

            index[bucket] = position;
        }

        return index;
    }
}
