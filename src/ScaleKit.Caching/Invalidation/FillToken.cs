namespace ScaleKit.Caching;

/// <summary>What the cache knew of the invalidation log at one moment. A fill takes one before it reads anything and may publish only what that knowledge covers.</summary>
/// <param name="Position">All records up to here had been applied.</param>
/// <param name="Generation">Counts how often the memory level was dropped as a whole.</param>
/// <param name="IsFollowing">Whether the cache was in step with the log; if not, it can judge nothing.</param>
internal sealed record FillToken(InvalidationPosition Position, int Generation, bool IsFollowing);
