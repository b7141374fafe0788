using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.RateLimiting;

/// <summary>Each test has a server of its own and a connection to it that has answered.</summary>
public abstract class OnItsOwnServer : IAsyncLifetime
{
    /// <summary>Nothing ends because the machine is slow, and what does without Redis is refused.</summary>
    private protected static RedisRateLimitOptions Patient { get; } = new() { Timeout = TimeSpan.FromSeconds(30), WhenUnavailable = RateLimitFallback.Closed };

    private protected RedisServer Server { get; private set; } = null!;

    private protected RedisConnection Connection { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await RedisServer.StartAsync();
        Connection = await Connect.To(Server).ReadyAsync();
    }

    public async Task DisposeAsync()
    {
        await Connection.DisposeAsync();
        await Server.DisposeAsync();
    }
}
