namespace ScaleKit.Migration;

/// <summary>Too many writes wait for the database already. Nothing was written.</summary>
public sealed class StoreOverloadedException : Exception
{
    /// <summary>An exception without a message of its own.</summary>
    public StoreOverloadedException()
    {
    }

    /// <summary>An exception that names the store and the limit.</summary>
    public StoreOverloadedException(string message)
        : base(message)
    {
    }

    /// <summary>An exception that names the store and the limit, and why.</summary>
    public StoreOverloadedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
