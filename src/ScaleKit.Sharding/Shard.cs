namespace ScaleKit.Sharding;

/// <summary>
/// One shard of a topology: its identity, its share, where it stands, and what the application needs to reach it.
/// Immutable and thread-safe as long as the payload is.
/// </summary>
/// <typeparam name="TShard">What the application keeps for a shard: a connection string, a store, a client.</typeparam>
public sealed class Shard<TShard>
{
    /// <summary>Longest permitted id, zone or region, in characters.</summary>
    /// <value>128</value>
    public const int MaximumNameLength = 128;

    /// <summary>Smallest permitted weight.</summary>
    /// <value>0.001</value>
    public const double MinimumWeight = 0.001;

    /// <summary>Largest permitted weight.</summary>
    /// <value>1,000,000</value>
    public const double MaximumWeight = 1_000_000;

    /// <summary>Describes a shard.</summary>
    /// <param name="id">
    /// Stable name, unique in its topology: 1 to 128 printable ASCII characters without spaces. Placement depends on it, so it outlives the machine
    /// that the shard runs on; name the role (<c>eu-shard-3</c>), not the host.
    /// </param>
    /// <param name="payload">What the application needs to reach the shard. Never part of the placement or of the fingerprint.</param>
    /// <param name="weight">Share of the keys relative to the other shards, from 0.001 to 1,000,000. Default 1.</param>
    /// <param name="zone">Failure domain (rack, availability zone), or null when each shard is its own. Same characters as <paramref name="id"/>.</param>
    /// <param name="region">Region, or null. Same characters as <paramref name="id"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    /// <exception cref="ArgumentException">A name is empty, over 128 characters, or holds a character outside printable ASCII.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="weight"/> is not a number from 0.001 to 1,000,000.</exception>
    public Shard(string id, TShard payload, double weight = 1, string? zone = null, string? region = null)
    {
        ShardNames.Validate(id, nameof(id));
        if (zone is not null)
        {
            ShardNames.Validate(zone, nameof(zone));
        }

        if (region is not null)
        {
            ShardNames.Validate(region, nameof(region));
        }

        // Written so that NaN fails it too.
        if (!(weight >= MinimumWeight && weight <= MaximumWeight))
        {
            throw new ArgumentOutOfRangeException(
                nameof(weight), weight, $"The weight of shard '{id}' must be from {MinimumWeight} to {MaximumWeight}.");
        }

        Id = id;
        Payload = payload;
        Weight = weight;
        Zone = zone;
        Region = region;
    }

    /// <summary>Stable name, unique in its topology.</summary>
    public string Id { get; }

    /// <summary>What the application needs to reach the shard.</summary>
    public TShard Payload { get; }

    /// <summary>Share of the keys relative to the other shards.</summary>
    /// <value>1 unless told otherwise</value>
    public double Weight { get; }

    /// <summary>Failure domain, or null when the shard is its own.</summary>
    public string? Zone { get; }

    /// <summary>Region, or null.</summary>
    public string? Region { get; }

    /// <summary>The id.</summary>
    public override string ToString() => Id;
}
