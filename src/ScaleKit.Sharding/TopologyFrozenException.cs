namespace ScaleKit.Sharding;

/// <summary>A topology was refused because the router is switched off, which freezes the topology. The router goes on routing with what it has.</summary>
public sealed class TopologyFrozenException : InvalidOperationException
{
    /// <summary>Makes the exception.</summary>
    public TopologyFrozenException()
        : base($"The topology is frozen: the router is switched off ({ShardRouterOptions.SectionName}:Enabled). Routing goes on; switch it on to swap.")
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened.</param>
    public TopologyFrozenException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">Why.</param>
    public TopologyFrozenException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
