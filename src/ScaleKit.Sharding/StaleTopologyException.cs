namespace ScaleKit.Sharding;

/// <summary>A topology was refused because the router already has that version or a later one. The router goes on with what it has.</summary>
public sealed class StaleTopologyException : InvalidOperationException
{
    /// <summary>Makes the exception without versions.</summary>
    public StaleTopologyException()
    {
    }

    /// <summary>Makes the exception without versions.</summary>
    /// <param name="message">What happened.</param>
    public StaleTopologyException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception without versions.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">Why.</param>
    public StaleTopologyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="offered">The version that was refused.</param>
    /// <param name="current">The version in force.</param>
    public StaleTopologyException(long offered, long current)
        : base($"Topology {offered} is stale: version {current} is in force, and only a higher one may replace it.")
    {
        Offered = offered;
        Current = current;
    }

    /// <summary>The version that was refused, or 0.</summary>
    public long Offered { get; }

    /// <summary>The version in force, or 0.</summary>
    public long Current { get; }
}
