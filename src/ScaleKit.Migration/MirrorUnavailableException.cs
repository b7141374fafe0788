namespace ScaleKit.Migration;

/// <summary>
/// The mirror did not take a row in time, in a phase in which it is load-bearing. For a write the outcome is unknown, not failed: the row stands in the
/// sequencing store and its debt in the outbox, so the mirror gets it later.
/// </summary>
public sealed class MirrorUnavailableException : Exception
{
    /// <summary>An exception without a message of its own.</summary>
    public MirrorUnavailableException()
    {
    }

    /// <summary>An exception that names the mirror and the phase.</summary>
    public MirrorUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>An exception that names the mirror and the phase, and why.</summary>
    public MirrorUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
