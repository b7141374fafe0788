using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace ScaleKit.Sharding;

/// <summary>
/// A router for each region: keys of a region's users live on that region's shards and nowhere else, and a region grows alone. Thread-safe.
/// </summary>
/// <typeparam name="TShard">What the application keeps for a shard.</typeparam>
public sealed class RegionalShardRouter<TShard>
{
    private readonly FrozenDictionary<string, ShardRouter<TShard>> _routers;

    /// <summary>Makes a router from one per region.</summary>
    /// <param name="routers">At least one; all shards of a router's topology have one region, and no two routers have the same.</param>
    /// <exception cref="ArgumentNullException"><paramref name="routers"/> is null.</exception>
    /// <exception cref="ArgumentException">There is no router, two have one region, or a topology's shards are not all of one region.</exception>
    public RegionalShardRouter(IEnumerable<ShardRouter<TShard>> routers)
    {
        ArgumentNullException.ThrowIfNull(routers);
        var byRegion = new Dictionary<string, ShardRouter<TShard>>(StringComparer.Ordinal);
        foreach (var router in routers)
        {
            var region = RegionOf(router.Topology) ?? throw new ArgumentException(
                $"The shards of a regional topology must all have one region; shard '{router.Topology.Shards[0].Id}' and those beside it do not.", nameof(routers));
            if (!byRegion.TryAdd(region, router))
            {
                throw new ArgumentException($"Region '{region}' has two routers.", nameof(routers));
            }
        }

        if (byRegion.Count == 0)
        {
            throw new ArgumentException("There must be at least one region.", nameof(routers));
        }

        _routers = byRegion.ToFrozenDictionary(StringComparer.Ordinal);
        Regions = [.. byRegion.Keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>All regions, in ordinal order.</summary>
    public IReadOnlyList<string> Regions { get; }

    /// <summary>The router of a region; swap topologies there.</summary>
    /// <param name="region">The region, compared ordinally.</param>
    /// <exception cref="ArgumentNullException"><paramref name="region"/> is null.</exception>
    /// <exception cref="ArgumentException">There is no such region.</exception>
    public ShardRouter<TShard> this[string region] => TryGetRouter(region, out var router)
        ? router
        : throw new ArgumentException($"There is no region '{ShardNames.Show(region)}'; there are {string.Join(", ", Regions.Take(10))}.", nameof(region));

    /// <summary>The shard of a key in a region.</summary>
    /// <param name="region">The region.</param>
    /// <param name="key">The key.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">There is no such region, or the key is too long.</exception>
    public Shard<TShard> Route(string region, string key) => this[region].Route(key);

    /// <inheritdoc cref="Route(string, string)"/>
    public Shard<TShard> Route(string region, long key) => this[region].Route(key);

    /// <inheritdoc cref="Route(string, string)"/>
    public Shard<TShard> Route(string region, Guid key) => this[region].Route(key);

    /// <summary>Finds the router of a region.</summary>
    /// <param name="region">The region, compared ordinally.</param>
    /// <param name="router">The router, when there is one.</param>
    /// <returns>Whether there is such a region.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="region"/> is null.</exception>
    public bool TryGetRouter(string region, [NotNullWhen(true)] out ShardRouter<TShard>? router)
    {
        ArgumentNullException.ThrowIfNull(region);
        return _routers.TryGetValue(region, out router);
    }

    private static string? RegionOf(Topology<TShard> topology)
    {
        var region = topology.Shards[0].Region;
        return topology.Shards.All(s => string.Equals(s.Region, region, StringComparison.Ordinal)) ? region : null;
    }
}
