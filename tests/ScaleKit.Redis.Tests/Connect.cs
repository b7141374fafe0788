using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests;

/// <summary>Connections for tests: with the real clock they wait longer than the default, for the machines are shared.</summary>
internal static class Connect
{
    public static RedisConnection To(RedisServer server, Action<RedisOptions>? configure = null, TimeProvider? clock = null) =>
        To(server.ConnectionString, configure, clock);

    public static RedisConnection To(string connectionString, Action<RedisOptions>? configure = null, TimeProvider? clock = null)
    {
        var options = new RedisOptions { ConnectionString = connectionString, CallTimeout = TimeSpan.FromSeconds(10) };
        configure?.Invoke(options);
        return new RedisConnection(options, clock);
    }

    /// <summary>Waits until the first answer.</summary>
    public static async Task<RedisConnection> ReadyAsync(this RedisConnection connection)
    {
        var health = await connection.CheckHealthAsync();
        Assert.True(health.IsHealthy, health.Failure?.Message);
        return connection;
    }

    /// <summary>The value in hexadecimal.</summary>
    public static async ValueTask<string?> GetAsync(this RedisConnection connection, string key) =>
        await connection.GetAsync(connection.Names.Name("test", key), CancellationToken.None) is { } value ? Convert.ToHexString(value) : null;

    public static ValueTask SetAsync(this RedisConnection connection, string key, byte[] value) =>
        connection.SetAsync(connection.Names.Name("test", key), value, expiry: null, CancellationToken.None);

    public static async Task<RedisFailure> FailureAsync(Func<Task> call) => (await Assert.ThrowsAsync<RedisUnavailableException>(call)).Failure;

    public static Task<RedisFailure> FailureAsync<T>(ValueTask<T> call) => FailureAsync(() => call.AsTask());
}
