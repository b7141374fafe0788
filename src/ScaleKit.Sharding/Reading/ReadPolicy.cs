namespace ScaleKit.Sharding;

/// <summary>Which replica of a shard a read goes to.</summary>
public enum ReadPolicy
{
    /// <summary>One after the other.</summary>
    RoundRobin,

    /// <summary>One after the other among those of the caller's own zone; among all when none of these is available.</summary>
    SameZoneFirst,

    /// <summary>The one with the fewest reads under way in this process.</summary>
    LeastOutstanding,
}
