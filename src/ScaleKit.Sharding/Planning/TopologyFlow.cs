namespace ScaleKit.Sharding;

/// <summary>All that moves from one shard to one other: one copy job.</summary>
/// <param name="From">Id of the shard that owns it before.</param>
/// <param name="To">Id of the shard that owns it after.</param>
/// <param name="Share">Share of all hashes, from 0 to 1.</param>
public readonly record struct TopologyFlow(string From, string To, double Share);
