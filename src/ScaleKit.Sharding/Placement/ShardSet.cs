namespace ScaleKit.Sharding;

/// <summary>The shards of a topology as a set: ordered by id whatever the order they came in, no id twice, indexed.</summary>
internal sealed class ShardSet<TShard>
{
    public const int MaximumCount = 65_536;

    private readonly Dictionary<string, int> _indexes;

    public ShardSet(IEnumerable<Shard<TShard>> shards, string parameter)
    {
        ArgumentNullException.ThrowIfNull(shards, parameter);
        Ordered = [.. shards];
        if (Ordered.Length is 0 or > MaximumCount)
        {
            throw new ArgumentException($"A topology has 1 to {MaximumCount} shards, not {Ordered.Length}.", parameter);
        }

        if (Array.IndexOf(Ordered, null) is var hole and >= 0)
        {
            throw new ArgumentException($"Shard number {hole} is null.", parameter);
        }

        Array.Sort(Ordered, static (a, b) => string.CompareOrdinal(a.Id, b.Id));
        _indexes = new Dictionary<string, int>(Ordered.Length, StringComparer.Ordinal);
        foreach (var shard in Ordered)
        {
            if (!_indexes.TryAdd(shard.Id, _indexes.Count))
            {
                throw new ArgumentException($"Shard id '{shard.Id}' is there twice.", parameter);
            }
        }
    }

    public Shard<TShard>[] Ordered { get; }

    public int IndexOf(string id) => _indexes.GetValueOrDefault(id, -1);

    public string[] Ids() => Array.ConvertAll(Ordered, static s => s.Id);

    public string?[] Zones() => Array.ConvertAll(Ordered, static s => s.Zone);

    public double[] Weights() => Array.ConvertAll(Ordered, static s => s.Weight);
}
