using Npgsql;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.TestKit;

public sealed class PostgresServerTests
{
    [Fact]
    public async Task KillAsync_ThenRestart_KeepsCommittedRows()
    {
        await using var server = await PostgresServer.StartAsync();
        var connectionString = await server.CreateDatabaseAsync("chat \"1\"");
        await ExecuteAsync(connectionString, "CREATE TABLE t (id int); INSERT INTO t VALUES (42)");

        await server.KillAsync();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => ExecuteAsync(connectionString, "SELECT id FROM t"));
        await server.RestartAsync();

        Assert.Equal(42, await ExecuteAsync(connectionString, "SELECT id FROM t"));
    }

    [Fact]
    public async Task Pause_OpenConnection_AnswersAfterResume()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT 1", connection);

        server.Pause();
        var answer = command.ExecuteScalarAsync();
        await using var other = new NpgsqlConnection(server.ConnectionString + ";Timeout=1;Pooling=false");
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => other.OpenAsync());
        Assert.False(answer.IsCompleted);
        server.Resume();

        Assert.Equal(1, await answer);
    }

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
