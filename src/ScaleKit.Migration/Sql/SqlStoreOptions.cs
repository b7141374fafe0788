namespace ScaleKit.Migration;

/// <summary>Which table a <see cref="SqlStore{TKey, TValue}"/> keeps its rows in and how. Copied when the store is made.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class SqlStoreOptions<TKey, TValue>
    where TKey : notnull
{
    /// <summary>The table: letters, digits and underscores, at most 56 characters. Its outbox and fence stand in tables with the suffixes <c>_outbox</c> and <c>_fence</c>. It may be a table of yours: one without the columns for the versions is refused with the statements that add them.</summary>
    /// <value>None: required.</value>
    public required string Table { get; set; }

    /// <summary>How values are written.</summary>
    /// <value>None: required.</value>
    public required ValueFormat<TValue> Value { get; set; }

    /// <summary>How keys are written and ordered.</summary>
    /// <value>Found by itself for text, integers and Guids.</value>
    public KeyFormat<TKey>? Key { get; set; }

    /// <summary>The database's way of speaking SQL.</summary>
    /// <value><see cref="SqlDialect.Sqlite"/>.</value>
    public SqlDialect Dialect { get; set; } = SqlDialect.Sqlite;

    /// <summary>The column of the key.</summary>
    /// <value><c>key</c>.</value>
    public string KeyColumn { get; set; } = "key";

    /// <summary>The column of the value; null in a tombstone.</summary>
    /// <value><c>value</c>.</value>
    public string ValueColumn { get; set; } = "value";

    /// <summary>
    /// Whether version and tombstone of each row stand in a table of their own, with the suffix <c>_version</c>: for a table that may not be changed. Rows that are there at the first use get version 1.1.
    /// Otherwise they stand in three columns of the table, <c>row_epoch</c>, <c>row_counter</c> and <c>row_deleted</c>, which costs less.
    /// </summary>
    /// <value>false.</value>
    public bool VersionsInSideTable { get; set; }

    /// <summary>Whether missing tables are created at the first use.</summary>
    /// <value>true.</value>
    public bool CreateTables { get; set; } = true;

    /// <summary>The longest value: characters of text, or bytes; 1 to 1,000,000,000.</summary>
    /// <value>1,048,576.</value>
    public int MaximumValueLength { get; set; } = 1_048_576;

    /// <summary>How many connections are kept for reads; writes have one more. 1 to 64.</summary>
    /// <value>4.</value>
    public int ReadConnections { get; set; } = 4;

    /// <summary>How many waiting writes share one transaction, and so one wait for the disk, at most; 1 to 10,000.</summary>
    /// <value>256.</value>
    public int WriteBatchSize { get; set; } = 256;

    /// <summary>How many writes may wait before further ones are refused with <see cref="StoreOverloadedException"/>; 1 to 1,000,000.</summary>
    /// <value>10,000.</value>
    public int WriteQueueCapacity { get; set; } = 10_000;

    internal SqlStoreOptions<TKey, TValue> CopyValidated()
    {
        SqlIdentifier.Check(Table, nameof(Table));
        SqlIdentifier.Check(KeyColumn, nameof(KeyColumn));
        SqlIdentifier.Check(ValueColumn, nameof(ValueColumn));
        if (Value is null || Dialect is null)
        {
            throw new ArgumentException($"The store '{Table}' needs {nameof(Value)} and {nameof(Dialect)}.", Value is null ? nameof(Value) : nameof(Dialect));
        }

        Between(MaximumValueLength, 1, 1_000_000_000, nameof(MaximumValueLength));
        Between(ReadConnections, 1, 64, nameof(ReadConnections));
        Between(WriteBatchSize, 1, 10_000, nameof(WriteBatchSize));
        Between(WriteQueueCapacity, 1, 1_000_000, nameof(WriteQueueCapacity));
        return (SqlStoreOptions<TKey, TValue>)MemberwiseClone();
    }

    private static void Between(int value, int minimum, int maximum, string option)
    {
        if (value < minimum || value > maximum)
        {
            throw new ArgumentException($"{option} is {value}; it must lie between {minimum} and {maximum}.", option);
        }
    }
}
