using System.Data.Common;

namespace ScaleKit.Migration;

/// <summary>Creates what is missing of a store's tables, and refuses a table that lacks columns with the statements that add them.</summary>
internal sealed class SqlSchema(SqlDialect dialect, SqlNames names, IReadOnlyList<string> create, string table)
{
    public async ValueTask PrepareAsync(SqlSession session, CancellationToken cancellationToken)
    {
        if (await HasAsync(session, "1", names.Table, cancellationToken).ConfigureAwait(false))
        {
            await CheckOwnAsync(session, cancellationToken).ConfigureAwait(false);
        }
        else if (create.Count == 0)
        {
            throw new StoreSchemaException($"There is no table '{table}', and the store is not to create it.");
        }

        await session.RunAllAsync(create, cancellationToken).ConfigureAwait(false);
        if (names.HasSideTable)
        {
            // Rows from before the migration: the version that a first write gives.
            await session.RunAsync(
                $"INSERT INTO {names.Versions} ({names.Key}, {names.Epoch}, {names.Counter}, {names.Deleted}) SELECT {names.Key}, 1, 1, 0 FROM {names.Table} WHERE true ON CONFLICT ({names.Key}) DO NOTHING",
                cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask CheckOwnAsync(SqlSession session, CancellationToken cancellationToken)
    {
        foreach (var column in (string[])[names.Key, names.Value])
        {
            if (!await HasAsync(session, $"{names.Table}.{column}", names.Table, cancellationToken).ConfigureAwait(false))
            {
                throw new StoreSchemaException($"The table '{table}' has no column {column}: set KeyColumn and ValueColumn to the columns that it has.");
            }
        }

        var missing = new List<string>();
        foreach (var (column, value) in names.HasSideTable ? [] : ((string, int)[])[(names.Epoch, 1), (names.Counter, 1), (names.Deleted, 0)])
        {
            if (!await HasAsync(session, $"{names.Table}.{column}", names.Table, cancellationToken).ConfigureAwait(false))
            {
                missing.Add($"ALTER TABLE {names.Table} ADD COLUMN {column} {dialect.IntegerType} NOT NULL DEFAULT {value};");
            }
        }

        if (missing.Count > 0)
        {
            throw new StoreSchemaException(
                $"The table '{table}' lacks {missing.Count} columns for the version of each row. Run: {string.Join(' ', missing)} Or set VersionsInSideTable, if the table may not be changed.");
        }
    }

    // The column is named with its table: a name alone in quotes that is no column is a text to SQLite.
    private static async ValueTask<bool> HasAsync(SqlSession session, string column, string from, CancellationToken cancellationToken)
    {
        try
        {
            await session.RunAsync($"SELECT {column} FROM {from} WHERE 1 = 0", cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (DbException) when (session.IsOpen)
        {
            return false;
        }
    }
}
