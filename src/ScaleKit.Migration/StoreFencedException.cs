namespace ScaleKit.Migration;

/// <summary>
/// The store refuses writes of the epoch in which this process stands, and the journal knows of no newer one: a later migration has begun on the store (the next wave of a
/// resharding: take its repository and repeat), another process moved the migration on with another journal, or the journal was lost. Nothing was written.
/// </summary>
public sealed class StoreFencedException : MigrationStateException
{
    /// <summary>An exception without a message of its own.</summary>
    public StoreFencedException()
    {
    }

    /// <summary>An exception that names the store and the epoch.</summary>
    public StoreFencedException(string message)
        : base(message)
    {
    }

    /// <summary>An exception that names the store and the epoch, and why.</summary>
    public StoreFencedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
