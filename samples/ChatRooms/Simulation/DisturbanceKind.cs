namespace ChatRooms;

/// <summary>What can be done to the servers, as far as it changes what may be asked of them.</summary>
internal enum DisturbanceKind
{
    /// <summary>A node was killed: caps and limits hold as ever.</summary>
    Harmless,

    /// <summary>A node stood still and went on.</summary>
    NodeStopped,

    /// <summary>Redis was killed, stood still, or another server took its place.</summary>
    RedisGone,
}
