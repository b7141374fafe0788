namespace ChatRooms;

/// <summary>What was done to the servers from outside: to which node, from when until all was well again, by the clock of the people's notes.</summary>
internal sealed record Disturbance(DisturbanceKind Kind, string? Node, long From, long Until)
{
    /// <summary>Redis was not there, or forgot, or a node could not ask it: what the nodes decided meanwhile they decided by what they knew.</summary>
    public bool IsStoreAway => Kind is DisturbanceKind.RedisGone or DisturbanceKind.NodeStopped;

    /// <summary>Whether it was on at some moment between the two.</summary>
    public bool Meets(long from, long until) => From <= until && from <= Until;
}
