using System.Runtime.InteropServices;

namespace ScaleKit.Migration;

/// <summary>A sequenced write inside an open transaction. The guards stand in the WHERE of the one statement that writes; only when it wrote nothing is it asked why.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct SqlSequencer<TKey, TValue>(SqlStatements sql, SqlSession session)
    where TKey : notnull
{
    public async ValueTask<WriteResult> WriteAsync(
        SequencedWrite<TKey, TValue> write, object key, object value, Func<SqlSession, object, CancellationToken, ValueTask<VersionedValue<TValue>>> read)
    {
        var (statements, connection) = (sql, session);
        var statement = Choose(statements, write);
        object[] values = statements.PutValue is null
            ? [key, value, write.Epoch, write.Floor.Counter, write.IsDelete ? 1L : 0L]
            : [key, write.Epoch, write.Floor.Counter, write.IsDelete ? 1L : 0L];
        if (statement.Parameters.Length > values.Length)
        {
            values = [.. values, write.Expected!.Value.Epoch, write.Expected.Value.Counter];
        }

        if (await connection.IntegerAsync(statement, CancellationToken.None, values).ConfigureAwait(false) is not { } counter)
        {
            var row = await read(connection, key, CancellationToken.None).ConfigureAwait(false);
            var fence = await connection.IntegerAsync(statements.Fence, CancellationToken.None).ConfigureAwait(false) ?? long.MaxValue;
            return new(Why(write, row, fence), row.Version);
        }

        var version = new RowVersion(write.Epoch, counter);
        await PutValueAsync(statements, connection, key, value).ConfigureAwait(false);
        var sequence = write.Outbox
            ? await connection.IntegerAsync(statements.AddDebt, CancellationToken.None, key, version.Epoch, version.Counter).ConfigureAwait(false) ?? 0
            : 0;
        return new(WriteStatus.Written, version, sequence);
    }

    /// <summary>Applies a row, in the order of the columns of <see cref="SqlRows{TKey, TValue}.Columns"/>, if it is newer.</summary>
    public async ValueTask<bool> ApplyAsync(object[] row)
    {
        var (statements, connection) = (sql, session);
        object[] values = statements.PutValue is null ? row : [row[0], .. row[2..]];
        if (await connection.ExecuteAsync(statements.Apply, CancellationToken.None, values).ConfigureAwait(false) == 0)
        {
            return false;
        }

        await PutValueAsync(statements, connection, row[0], row[1]).ConfigureAwait(false);
        return true;
    }

    // Only with a side table: the value follows its version, in the same transaction.
    private static async ValueTask PutValueAsync(SqlStatements sql, SqlSession session, object key, object value)
    {
        if (value is DBNull && sql.RemoveValue is { } remove)
        {
            await session.ExecuteAsync(remove, CancellationToken.None, key).ConfigureAwait(false);
        }
        else if (sql.PutValue is { } put)
        {
            await session.ExecuteAsync(put, CancellationToken.None, key, value).ConfigureAwait(false);
        }
    }

    private static SqlStatement Choose(SqlStatements sql, SequencedWrite<TKey, TValue> write) => write switch
    {
        { Expected: { IsNone: false }, IsDelete: false } => sql.PutExpected,
        { Expected: { IsNone: false } } => sql.DeleteExpected,
        { Expected: not null } => sql.PutAbsent,
        { IsDelete: true, Floor.IsNone: true } => sql.DeleteAny,
        _ => sql.PutAny,
    };

    private static WriteStatus Why(SequencedWrite<TKey, TValue> write, VersionedValue<TValue> row, long fence)
    {
        if (write.Epoch < fence || write.Epoch < row.Version.Epoch)
        {
            return WriteStatus.Fenced;
        }

        return write.Expected is { } expected && (expected.IsNone ? row.Exists : row.Version != expected) ? WriteStatus.Conflict : WriteStatus.NotFound;
    }
}
