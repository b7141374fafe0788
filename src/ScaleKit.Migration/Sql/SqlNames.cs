namespace ScaleKit.Migration;

/// <summary>The quoted names of a store's tables and columns.</summary>
internal sealed class SqlNames(SqlDialect dialect, string table, string keyColumn, string valueColumn)
{
    public string Table { get; } = dialect.Quote(table);

    public string Outbox { get; } = dialect.Quote(table + "_outbox");

    public string OutboxName { get; } = table + "_outbox";

    public string Fence { get; } = dialect.Quote(table + "_fence");

    public string Key { get; } = dialect.Quote(keyColumn);

    public string Value { get; } = dialect.Quote(valueColumn);

    public string Epoch { get; } = dialect.Quote("row_epoch");

    public string Counter { get; } = dialect.Quote("row_counter");

    public string Deleted { get; } = dialect.Quote("row_deleted");
}
