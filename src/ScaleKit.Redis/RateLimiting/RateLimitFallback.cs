namespace ScaleKit.Redis;

/// <summary>What a shared rate limit does while Redis is of no use.</summary>
public enum RateLimitFallback
{
    /// <summary>A window in this process holds each key to this node's share of the limit: the limit divided by the last known number of nodes.</summary>
    Local,

    /// <summary>Every call is let through and nothing is counted.</summary>
    Open,

    /// <summary>Every call is refused.</summary>
    Closed,
}
