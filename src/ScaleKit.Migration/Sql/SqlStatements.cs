using System.Collections.Concurrent;

namespace ScaleKit.Migration;

/// <summary>Every statement of a store, built once from checked names. Values come in by parameters only.</summary>
internal sealed class SqlStatements
{
    private readonly ConcurrentDictionary<int, SqlStatement> _scans = new();
    private readonly SqlNames _names;

    public SqlStatements(SqlDialect dialect, SqlNames names, bool textValues)
    {
        _names = names;
        var (t, k, v, e, c, d) = (names.Versions, names.Key, names.Value, names.Epoch, names.Counter, names.Deleted);
        var fence = $"(SELECT epoch FROM {names.Fence} WHERE id = 1) <= @epoch";
        var next = $"{dialect.Greatest($"{t}.{c}", "@floor")} + 1";
        var value = dialect.ValueParameter("@value", textValues);

        // With a side table the guarded statement writes the version, and the value follows it in the same transaction.
        var (column, given, set, taken) = names.HasSideTable ? ("", "", "", "") : ($", {v}", $", {value}", $"{v} = {value}, ", $"{v} = excluded.{v}, ");
        var put = $"INSERT INTO {t} ({k}{column}, {e}, {c}, {d}) SELECT @key{given}, @epoch, @floor + 1, @deleted WHERE {fence} "
            + $"ON CONFLICT ({k}) DO UPDATE SET {taken}{e} = excluded.{e}, {c} = {next}, {d} = excluded.{d} WHERE {t}.{e} <= excluded.{e}";
        var change = $"UPDATE {t} SET {set}{e} = @epoch, {c} = {next}, {d} = @deleted WHERE {k} = @key AND {e} <= @epoch AND {fence}";
        string[] write = names.HasSideTable ? ["key", "epoch", "floor", "deleted"] : ["key", "value", "epoch", "floor", "deleted"];
        string[] guarded = [.. write, "expectedEpoch", "expectedCounter"];
        var expected = $"AND {e} = @expectedEpoch AND {c} = @expectedCounter";
        PutAny = new($"{put} RETURNING {c}", write);
        PutAbsent = new($"{put} AND {t}.{d} = 1 RETURNING {c}", write);
        PutExpected = new($"{change} {expected} RETURNING {c}", guarded);
        DeleteAny = new($"{change} AND {d} = 0 RETURNING {c}", write);
        DeleteExpected = new($"{change} AND {d} = 0 {expected} RETURNING {c}", guarded);
        var ifNewer = $"ON CONFLICT ({k}) DO UPDATE SET {taken}{e} = excluded.{e}, {c} = excluded.{c}, {d} = excluded.{d} "
            + $"WHERE excluded.{e} > {t}.{e} OR (excluded.{e} = {t}.{e} AND excluded.{c} > {t}.{c})";
        if (names.HasSideTable)
        {
            Apply = new($"INSERT INTO {t} ({k}, {e}, {c}, {d}) VALUES (@key, @epoch, @counter, @deleted) {ifNewer}", "key", "epoch", "counter", "deleted");
            PutValue = new($"INSERT INTO {names.Table} ({k}, {v}) VALUES (@key, @value) ON CONFLICT ({k}) DO UPDATE SET {v} = excluded.{v}", "key", "value");
            RemoveValue = new($"DELETE FROM {names.Table} WHERE {k} = @key", "key");
        }
        else
        {
            string[] row = ["key", "value", "epoch", "counter", "deleted"];
            Apply = new($"INSERT INTO {t} ({k}, {v}, {e}, {c}, {d}) VALUES (@key, @value, @epoch, @counter, @deleted) {ifNewer}", row);
            ApplyMany = dialect.HasArrays ? new($"INSERT INTO {t} ({k}, {v}, {e}, {c}, {d}) SELECT * FROM unnest(@key, @value, @epoch, @counter, @deleted) {ifNewer}", row) : null;
        }

        Read = new($"SELECT {v}, {e}, {c}, {d} FROM {names.Rows} WHERE {k} = @key", "key");
        if (dialect.HasArrays)
        {
            ReadMany = new($"SELECT {v}, {e}, {c}, {d}, {k} FROM {names.Rows} WHERE {k} = ANY(@key)", "key");
            RemoveDebts = new($"DELETE FROM {names.Outbox} WHERE seq = ANY(@seq)", "seq");
        }

        Fence = new($"SELECT epoch FROM {names.Fence} WHERE id = 1");
        RaiseFence = new($"UPDATE {names.Fence} SET epoch = @epoch WHERE id = 1 AND epoch < @epoch", "epoch");
        AddDebt = new($"INSERT INTO {names.Outbox} ({k}, {e}, {c}) VALUES (@key, @epoch, @counter) RETURNING seq", "key", "epoch", "counter");
        PeekDebts = new($"SELECT {k}, {e}, {c}, seq FROM {names.Outbox} ORDER BY seq LIMIT @limit", "limit");
        RemoveDebt = new($"DELETE FROM {names.Outbox} WHERE seq = @seq", "seq");
        OutboxStatus = new(dialect.SelectOutboxStatus(names));
    }

    public SqlStatement PutAny { get; }

    public SqlStatement PutAbsent { get; }

    public SqlStatement PutExpected { get; }

    public SqlStatement DeleteAny { get; }

    public SqlStatement DeleteExpected { get; }

    public SqlStatement Apply { get; }

    public SqlStatement Read { get; }

    /// <summary>Puts the value of a row whose version stands in a side table; null without one.</summary>
    public SqlStatement? PutValue { get; }

    /// <summary>Removes the value of a deleted row; null without a side table.</summary>
    public SqlStatement? RemoveValue { get; }

    // Null where a parameter cannot be an array: then row by row, which costs a database in the process nothing.
    public SqlStatement? ApplyMany { get; }

    public SqlStatement? ReadMany { get; }

    public SqlStatement? RemoveDebts { get; }

    public SqlStatement Fence { get; }

    public SqlStatement RaiseFence { get; }

    public SqlStatement AddDebt { get; }

    public SqlStatement PeekDebts { get; }

    public SqlStatement RemoveDebt { get; }

    public SqlStatement OutboxStatus { get; }

    public SqlStatement Scan<TKey>(ScanRequest<TKey> request)
        where TKey : notnull =>
        Select(request.Range, 0, request.IncludeTombstones, request.Descending);

    public SqlStatement Live<TKey>(KeyRange<TKey> range)
        where TKey : notnull => Select(range, 1, tombstones: false, descending: false);

    public SqlStatement Count<TKey>(KeyRange<TKey> range)
        where TKey : notnull => Select(range, 2, tombstones: true, descending: false);

    // The last key of a chunk, and the one after it, which tells that there is more.
    public SqlStatement Chunk<TKey>(KeyRange<TKey> range)
        where TKey : notnull => Select(range, 3, tombstones: true, descending: false);

    // The text depends on the shape of the range only, so there are at most a few dozen.
    private SqlStatement Select<TKey>(KeyRange<TKey> range, int kind, bool tombstones, bool descending)
        where TKey : notnull
    {
        var shape = kind | (tombstones ? 4 : 0) | (descending ? 8 : 0) | (range.HasLower ? 16 : 0) | (range.LowerInclusive ? 32 : 0)
            | (range.HasUpper ? 64 : 0) | (range.UpperInclusive ? 128 : 0);
        return _scans.GetOrAdd(shape, Build);
    }

    private SqlStatement Build(int shape)
    {
        var kind = shape & 3;
        var (where, parameters) = (new List<string>(), new List<string>());
        if ((shape & 4) == 0)
        {
            where.Add($"{_names.Deleted} = 0");
        }

        if ((shape & 16) != 0)
        {
            where.Add($"{_names.Key} {((shape & 32) != 0 ? ">=" : ">")} @lower");
            parameters.Add("lower");
        }

        if ((shape & 64) != 0)
        {
            where.Add($"{_names.Key} {((shape & 128) != 0 ? "<=" : "<")} @upper");
            parameters.Add("upper");
        }

        var columns = kind == 2 ? "count(*)" : kind == 3 ? _names.Key : $"{_names.Value}, {_names.Epoch}, {_names.Counter}, {_names.Deleted}, {_names.Key}";
        var text = $"SELECT {columns} FROM {_names.Rows}{(where.Count > 0 ? " WHERE " : "")}{string.Join(" AND ", where)}";
        if (kind == 0)
        {
            text += $" ORDER BY {_names.Key}{((shape & 8) != 0 ? " DESC" : "")} LIMIT @limit";
            parameters.Add("limit");
        }
        else if (kind == 3)
        {
            text += $" ORDER BY {_names.Key} LIMIT 2 OFFSET @skip";
            parameters.Add("skip");
        }

        return new SqlStatement(text, [.. parameters]);
    }
}
