namespace ScaleKit.Migration;

/// <summary>A table is not as the store needs it. Nothing was written; the message holds the statements that help.</summary>
public sealed class StoreSchemaException : Exception
{
    /// <summary>An exception without a message of its own.</summary>
    public StoreSchemaException()
    {
    }

    /// <summary>An exception that names the table and what it lacks.</summary>
    public StoreSchemaException(string message)
        : base(message)
    {
    }

    /// <summary>An exception that names the table and what it lacks, and why.</summary>
    public StoreSchemaException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
