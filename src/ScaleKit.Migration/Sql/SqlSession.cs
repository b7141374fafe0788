using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace ScaleKit.Migration;

/// <summary>An open connection with the statements that it has prepared. One user at a time.</summary>
internal sealed class SqlSession(DbConnection connection) : IAsyncDisposable
{
    private readonly Dictionary<SqlStatement, DbCommand> _prepared = [];

    public bool IsOpen => connection.State == ConnectionState.Open;

    public async ValueTask OpenAsync(SqlDialect dialect, CancellationToken cancellationToken)
    {
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        await RunAllAsync(dialect.SessionStart, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a text that is not worth preparing.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "Built of constants and checked names only; values are parameters.")]
    public async ValueTask RunAsync(string text, CancellationToken cancellationToken)
    {
        var command = connection.CreateCommand();
        await using (command.ConfigureAwait(false))
        {
            command.CommandText = text;
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask RunAllAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        foreach (var text in texts)
        {
            await RunAsync(text, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<int> ExecuteAsync(SqlStatement statement, CancellationToken cancellationToken, params object[] values)
    {
        var command = Bind(statement, values);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The integer of the first row, or null when there is none.</summary>
    public async ValueTask<long?> IntegerAsync(SqlStatement statement, CancellationToken cancellationToken, params object[] values)
    {
        var result = await Bind(statement, values).ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        return result is long integer ? integer : null;
    }

    public Task<DbDataReader> QueryAsync(SqlStatement statement, CancellationToken cancellationToken, params object[] values) =>
        Bind(statement, values).ExecuteReaderAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _prepared.Values)
        {
            await command.DisposeAsync().ConfigureAwait(false);
        }

        await connection.DisposeAsync().ConfigureAwait(false);
    }

    [SuppressMessage("Security", "CA2100", Justification = "Built of constants and checked names only; values are parameters.")]
    private DbCommand Bind(SqlStatement statement, ReadOnlySpan<object> values)
    {
        if (!_prepared.TryGetValue(statement, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = statement.Text;
            foreach (var name in statement.Parameters)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = name;
                command.Parameters.Add(parameter);
            }

            _prepared.Add(statement, command);
        }

        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        return command;
    }
}
