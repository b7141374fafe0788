namespace ScaleKit.Migration;

/// <summary>The quoted names of a store's tables and columns.</summary>
internal sealed class SqlNames(SqlDialect dialect, string table, string keyColumn, string valueColumn, bool sideTable)
{
    public string Table { get; } = dialect.Quote(table);

    /// <summary>Where version and tombstone stand: the table itself, or a table beside it.</summary>
    public string Versions { get; } = dialect.Quote(sideTable ? table + "_version" : table);

    public bool HasSideTable { get; } = sideTable;

    public string Outbox { get; } = dialect.Quote(table + "_outbox");

    public string OutboxName { get; } = table + "_outbox";

    public string Fence { get; } = dialect.Quote(table + "_fence");

    public string Key { get; } = dialect.Quote(keyColumn);

    public string Value { get; } = dialect.Quote(valueColumn);

    public string Epoch { get; } = dialect.Quote("row_epoch");

    public string Counter { get; } = dialect.Quote("row_counter");

    public string Deleted { get; } = dialect.Quote("row_deleted");

    /// <summary>What is selected from: every row with value and version.</summary>
    public string Rows => HasSideTable
        ? $"(SELECT s.{Key} AS {Key}, t.{Value} AS {Value}, s.{Epoch} AS {Epoch}, s.{Counter} AS {Counter}, s.{Deleted} AS {Deleted} FROM {Versions} s LEFT JOIN {Table} t ON t.{Key} = s.{Key}) r"
        : Table;
}
