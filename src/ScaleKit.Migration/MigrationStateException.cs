namespace ScaleKit.Migration;

/// <summary>The stores and the journal disagree about where the migration stands, or what was asked does not fit the phase. Nothing was written.</summary>
public class MigrationStateException : InvalidOperationException
{
    /// <summary>An exception without a message of its own.</summary>
    public MigrationStateException()
    {
    }

    /// <summary>An exception that says what does not fit.</summary>
    public MigrationStateException(string message)
        : base(message)
    {
    }

    /// <summary>An exception that says what does not fit, and why.</summary>
    public MigrationStateException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
