namespace ScaleKit.Analysis.Chaos;

/// <summary>What can be done to the running application.</summary>
public enum FaultKind
{
    /// <summary>SIGKILL to a node, and a new one in its place.</summary>
    NodeKilled,

    /// <summary>SIGSTOP to a node, and SIGCONT after a while.</summary>
    NodeStopped,

    /// <summary>SIGKILL to the Redis that is the primary, and a start with what is on its disk.</summary>
    RedisKilled,

    /// <summary>SIGSTOP to the primary, and SIGCONT after a while; the Sentinel may promote the replica meanwhile.</summary>
    RedisStopped,

    /// <summary>The Sentinel is told to promote the replica.</summary>
    Failover,
}
