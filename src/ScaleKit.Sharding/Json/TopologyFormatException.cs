namespace ScaleKit.Sharding;

/// <summary>A document is not a topology: not JSON, of an unknown format, or in contradiction with itself. The message names the place.</summary>
public sealed class TopologyFormatException : FormatException
{
    /// <summary>Makes the exception.</summary>
    public TopologyFormatException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong, and where.</param>
    public TopologyFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong, and where.</param>
    /// <param name="innerException">Why.</param>
    public TopologyFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
