using ScaleKit.TestKit;

namespace ChatRooms.Tests;

/// <summary>A Redis and three nodes: seats for two in a room and for six in all.</summary>
public sealed class ThreeNodes : IAsyncLifetime
{
    private RedisServer? _redis;

    internal ChatFleet Fleet { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        Fleet = await ChatFleet.StartAsync(_redis.EndPoint, nodes: 3);
    }

    public async Task DisposeAsync()
    {
        await Fleet.DisposeAsync();
        await _redis!.DisposeAsync();
    }
}
