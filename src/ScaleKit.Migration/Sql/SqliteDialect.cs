namespace ScaleKit.Migration;

internal sealed class SqliteDialect : SqlDialect
{
    // busy_timeout first: the switch to WAL takes a lock too. FULL: in WAL mode, NORMAL may lose acknowledged commits at a power loss.
    internal override IReadOnlyList<string> SessionStart { get; } =
        ["PRAGMA busy_timeout = 10000", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"];

    // Takes the write lock at once: a transaction that reads first and upgrades later fails with SQLITE_BUSY and no wait.
    internal override string BeginWrite(SqlNames names) => "BEGIN IMMEDIATE";

    internal override string? ShutOutWriters(SqlNames names) => null;

    internal override string ValueParameter(string parameter, bool textValues) => parameter;

    internal override string IntegerType => "INTEGER";

    // To SQLite a quoted name is the same in capitals.
    internal override StringComparison SameTable => StringComparison.OrdinalIgnoreCase;

    internal override string Greatest(string left, string right) => $"max({left}, {right})";

    internal override IReadOnlyList<string> CreateStore(SqlNames names, bool integerKeys, bool textValues)
    {
        var key = integerKeys ? "INTEGER" : "TEXT";
        var value = textValues ? "TEXT" : "BLOB";
        var versions = $", {names.Epoch} INTEGER NOT NULL, {names.Counter} INTEGER NOT NULL, {names.Deleted} INTEGER NOT NULL";
        string[] side = names.HasSideTable ? [$"CREATE TABLE IF NOT EXISTS {names.Versions} ({names.Key} {key} NOT NULL PRIMARY KEY{versions}) WITHOUT ROWID"] : [];
        return
        [
            $"CREATE TABLE IF NOT EXISTS {names.Table} ({names.Key} {key} NOT NULL PRIMARY KEY, {names.Value} {value}{(names.HasSideTable ? "" : versions)}) WITHOUT ROWID",
            .. side,

            // AUTOINCREMENT: a sequence is never given twice, also not after the outbox was empty.
            $"CREATE TABLE IF NOT EXISTS {names.Outbox} (seq INTEGER PRIMARY KEY AUTOINCREMENT, {names.Key} {key} NOT NULL, "
            + $"{names.Epoch} INTEGER NOT NULL, {names.Counter} INTEGER NOT NULL)",
            $"CREATE TABLE IF NOT EXISTS {names.Fence} (id INTEGER PRIMARY KEY, epoch INTEGER NOT NULL)",
            $"INSERT OR IGNORE INTO {names.Fence} (id, epoch) VALUES (1, 0)",
        ];
    }

    // The clock of the machine that the file is on. unixepoch('subsec') would need SQLite 3.42.
    internal override string NowMilliseconds => "CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)";

    internal override IReadOnlyList<string> CreateJournal(SqlJournalNames names) =>
    [
        $"CREATE TABLE IF NOT EXISTS {names.Documents} (name TEXT NOT NULL PRIMARY KEY, revision INTEGER NOT NULL, text TEXT NOT NULL)",
        $"CREATE TABLE IF NOT EXISTS {names.Leases} (number INTEGER PRIMARY KEY AUTOINCREMENT, fleet TEXT NOT NULL, holder TEXT NOT NULL, "
        + "acknowledged INTEGER NOT NULL, ends INTEGER NOT NULL)",
        $"CREATE TABLE IF NOT EXISTS {names.Audit} (number INTEGER PRIMARY KEY AUTOINCREMENT, fleet TEXT NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL)",
    ];

    internal override string SelectOutboxStatus(SqlNames names) =>
        $"SELECT count(*), min(seq), (SELECT seq FROM sqlite_sequence WHERE name = '{names.OutboxName}') FROM {names.Outbox}";
}
