using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;
using ScaleKit.Migration;

namespace ScaleKit.Analysis.Migrations;

/// <summary>The tables of a run, and what one would write by hand to copy and to read them: one prepared statement of 500 rows a transaction, and one reader a table.</summary>
internal sealed class TablesToMeasure : IAsyncDisposable
{
    private const int Batch = 500;
    private const string Columns = "\"key\", \"value\", row_epoch, row_counter, row_deleted";
    private readonly string _folder;
    private readonly NpgsqlDataSource _source;

    public TablesToMeasure(string folder, string postgres)
    {
        (_folder, _source) = (folder, NpgsqlDataSource.Create(postgres));
        Old = OpenFile("old");
    }

    public SqlStore<string, string> Old { get; }

    public static string Value(int index) => string.Create(CultureInfo.InvariantCulture, $"message {index}, of the length that people write to each other in a room");

    public SqlStore<string, string> OpenFile(string name) => new(() => Sqlite(name), new() { Table = name, Value = ValueFormat.Text });

    public SqlStore<string, string> OpenNew(string table) => new(_source, new() { Table = table, Value = ValueFormat.Text, Dialect = SqlDialect.PostgreSql });

    public async Task FillAsync(int rows)
    {
        foreach (var some in Enumerable.Range(0, rows).Chunk(5000))
        {
            await Old.ApplyManyIfNewerAsync(
                Array.ConvertAll(some, static i => new VersionedEntry<string, string>($"room{i % 1000}/{i:D12}", VersionedValue.Live(Value(i), new RowVersion(1, 1)))));
        }
    }

    public async Task CopyPlainlyAsync(string table)
    {
        await using var target = await _source.OpenConnectionAsync();
        await RunAsync(target, $"CREATE TABLE {table} (\"key\" text COLLATE \"C\" PRIMARY KEY, \"value\" text, row_epoch bigint NOT NULL, row_counter bigint NOT NULL, row_deleted bigint NOT NULL)");
        await using var source = Sqlite("old");
        await source.OpenAsync();
        await using var select = source.CreateCommand();
        select.CommandText = $"SELECT {Columns} FROM old";
        await using var reader = await select.ExecuteReaderAsync();
        NpgsqlCommand? insert = null;
        var values = new List<object>();
        while (await reader.ReadAsync())
        {
            values.AddRange([reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4)]);
            if (values.Count == 5 * Batch)
            {
                insert ??= await InsertAsync(target, table, values, prepare: true);
                await ExecuteAsync(insert, values);
            }
        }

        if (values.Count > 0)
        {
            await using var last = await InsertAsync(target, table, values, prepare: false);
            await ExecuteAsync(last, values);
        }

        await (insert?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    public async Task<long> ReadOldAsync()
    {
        await using var connection = Sqlite("old");
        return await ReadAsync(connection, "old");
    }

    public async Task<long> ReadNewAsync(string table)
    {
        await using var connection = _source.CreateConnection();
        return await ReadAsync(connection, table);
    }

    public async ValueTask DisposeAsync()
    {
        await Old.DisposeAsync();
        await _source.DisposeAsync();
    }

    private static async Task<NpgsqlCommand> InsertAsync(NpgsqlConnection target, string table, List<object> values, bool prepare)
    {
        var insert = target.CreateCommand();
        insert.CommandText = $"INSERT INTO {table} ({Columns}) VALUES "
            + string.Join(", ", Enumerable.Range(0, values.Count / 5).Select(static row => $"({string.Join(", ", Enumerable.Range(1, 5).Select(column => $"${(row * 5) + column}"))})"));
        foreach (var value in values)
        {
            insert.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        if (prepare)
        {
            await insert.PrepareAsync();
        }

        return insert;
    }

    private static async Task ExecuteAsync(NpgsqlCommand insert, List<object> values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            insert.Parameters[i].Value = values[i];
        }

        await insert.ExecuteNonQueryAsync();
        values.Clear();
    }

    private static async Task<long> ReadAsync(DbConnection connection, string table)
    {
        await connection.OpenAsync();
        await using var select = connection.CreateCommand();
        select.CommandText = $"SELECT {Columns} FROM {table} ORDER BY \"key\"";
        await using var reader = await select.ExecuteReaderAsync();
        var (rows, characters) = (0L, 0L);
        while (await reader.ReadAsync())
        {
            characters += reader.GetString(0).Length + reader.GetString(1).Length + reader.GetInt64(2) + reader.GetInt64(3) + reader.GetInt64(4);
            rows++;
        }

        GC.KeepAlive(characters);
        return rows;
    }

    private static async Task RunAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private SqliteConnection Sqlite(string name) => new(new SqliteConnectionStringBuilder { DataSource = Path.Combine(_folder, name + ".db"), Pooling = false }.ToString());
}
