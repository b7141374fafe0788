using System.Globalization;
using ScaleKit.Caching;
using ScaleKit.Redis;

namespace SessionCache;

/// <summary>A line to Redis through a relay in this process, with a connection of its own.</summary>
internal sealed class RedisLine : ILine
{
    private readonly TcpRelay _relay;
    private readonly RedisConnection _connection;

    public RedisLine(string redis)
    {
        var parts = redis.Split(':');
        _relay = new TcpRelay(parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture));
        _connection = new RedisConnection(new RedisOptions { ConnectionString = $"127.0.0.1:{_relay.Port}", KeyPrefix = "session-cache" });
        (Bus, Store) = (new RedisInvalidationBus(_connection), new RedisSharedStore(_connection));
    }

    public IInvalidationBus Bus { get; }

    public ISharedStore Store { get; }

    public void Cut() => _relay.Cut();

    public void Mend() => _relay.Mend();

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _relay.DisposeAsync();
    }
}
