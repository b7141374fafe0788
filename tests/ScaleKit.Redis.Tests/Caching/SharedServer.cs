using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Caching;

/// <summary>One server and one connection for the tests of a class that do it no harm.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private RedisServer? _server;

    public RedisConnection Connection { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        Connection = await Connect.To(_server).ReadyAsync();
    }

    public async Task DisposeAsync()
    {
        await Connection.DisposeAsync();
        await _server!.DisposeAsync();
    }
}
