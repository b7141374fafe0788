using ScaleKit.Sharding;

namespace ScaleKit.Benchmarks.Rivals;

/// <summary>The ring that one writes by hand: sorted points and a binary search. The points are those of the placement contract, so the answers are a ring topology's.</summary>
public sealed class BinarySearchRing
{
    private readonly ulong[] _points;
    private readonly string[] _owners;

    /// <summary>Places so many points for each shard.</summary>
    public BinarySearchRing(IEnumerable<string> ids, int pointsPerShard)
    {
        var points = ids
            .SelectMany(id => Enumerable.Range(0, pointsPerShard).Select(k => (Point: KeyHash.Combine(KeyHash.Of(id), (ulong)k), Id: id)))
            .OrderBy(p => p.Point).ThenBy(p => p.Id, StringComparer.Ordinal)
            .ToArray();
        _points = Array.ConvertAll(points, p => p.Point);
        _owners = Array.ConvertAll(points, p => p.Id);
    }

    /// <summary>The owner of a hash.</summary>
    public string Of(ulong hash)
    {
        var found = Array.BinarySearch(_points, hash);
        var position = found >= 0 ? found : ~found;
        return _owners[position == _points.Length ? 0 : position];
    }
}
