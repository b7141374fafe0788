namespace ScaleKit.Migration;

/// <summary>The quoted names of a journal's tables.</summary>
internal sealed class SqlJournalNames(SqlDialect dialect, string table)
{
    public string Documents { get; } = dialect.Quote(table);

    public string Leases { get; } = dialect.Quote(table + "_leases");

    public string Audit { get; } = dialect.Quote(table + "_audit");
}
