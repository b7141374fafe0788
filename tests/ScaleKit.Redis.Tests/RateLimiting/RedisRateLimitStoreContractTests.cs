using System.Globalization;
using ScaleKit.RateLimiting;
using ScaleKit.RateLimiting.Tests;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.RateLimiting;

/// <summary>The contract of every store, on a real server.</summary>
public sealed class RedisRateLimitStoreContractTests : RateLimitStoreContract, IAsyncLifetime
{
    private RedisServer _server = null!;
    private RedisConnection _connection = null!;
    private RedisRateLimitStore _store = null!;

    protected override IRateLimitStore Store => _store;

    public async Task InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _connection = await Connect.To(_server).ReadyAsync();
        _store = new RedisRateLimitStore(_connection, new RedisRateLimitOptions { Timeout = TimeSpan.FromSeconds(30), WhenUnavailable = ScaleKit.Redis.RateLimitFallback.Closed });
    }

    public async Task DisposeAsync()
    {
        _store.Dispose();
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    /// <summary>Time passes for the server, by its own clock.</summary>
    protected override Task PassAsync(TimeSpan time) => PassAsync(_server, time);

    internal static async Task PassAsync(RedisServer server, TimeSpan time)
    {
        var until = await NowAsync(server) + time;
        await Eventually.HoldsAsync(async () => await NowAsync(server) >= until, "the server's clock goes on");
    }

    private static async ValueTask<TimeSpan> NowAsync(RedisServer server)
    {
        var parts = (await server.CommandAsync("TIME")).Split('\n');
        return TimeSpan.FromMicroseconds((long.Parse(parts[0], CultureInfo.InvariantCulture) * 1_000_000) + long.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}
