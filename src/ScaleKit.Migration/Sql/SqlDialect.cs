namespace ScaleKit.Migration;

/// <summary>What differs between databases. Immutable and thread-safe.</summary>
public abstract class SqlDialect
{
    private protected SqlDialect()
    {
    }

    /// <summary>SQLite 3.35 or later, in WAL mode, each commit on the disk before it is acknowledged.</summary>
    public static SqlDialect Sqlite { get; } = new SqliteDialect();

    /// <summary>PostgreSQL 12 or later, also with several processes that write at once.</summary>
    public static SqlDialect PostgreSql { get; } = new PostgreSqlDialect();

    /// <summary>Statements that each new connection runs first.</summary>
    internal abstract IReadOnlyList<string> SessionStart { get; }

    /// <summary>Begins a transaction that will write: no fence is raised between here and its end.</summary>
    internal abstract string BeginWrite(SqlNames names);

    /// <summary>Waits, inside a transaction, for every other transaction that writes, and keeps new ones out; null where a transaction that writes is alone anyway.</summary>
    internal abstract string? ShutOutWriters(SqlNames names);

    /// <summary>A value as a parameter in a place where the database cannot see the type of the column.</summary>
    internal abstract string ValueParameter(string parameter, bool textValues);

    /// <summary>The type of a 64-bit integer.</summary>
    internal abstract string IntegerType { get; }

    /// <summary>The greater of two expressions.</summary>
    internal abstract string Greatest(string left, string right);

    /// <summary>Creates what is missing of the store's three tables.</summary>
    internal abstract IReadOnlyList<string> CreateStore(SqlNames names, bool integerKeys, bool textValues);

    /// <summary>The server's clock, in milliseconds since 1970, moving on within a transaction.</summary>
    internal abstract string NowMilliseconds { get; }

    /// <summary>Creates what is missing of the journal's three tables.</summary>
    internal abstract IReadOnlyList<string> CreateJournal(SqlJournalNames names);

    /// <summary>Selects the count and the lowest sequence of the outbox, and the highest sequence ever given.</summary>
    internal abstract string SelectOutboxStatus(SqlNames names);

    /// <summary>Whether a parameter may be an array, so that one statement, and one round trip, does for many rows.</summary>
    internal virtual bool HasArrays => false;

    /// <summary>How two quoted names are compared.</summary>
    internal virtual StringComparison SameTable => StringComparison.Ordinal;

    /// <summary>Quotes a checked name.</summary>
    internal virtual string Quote(string name) => $"\"{name}\"";
}
