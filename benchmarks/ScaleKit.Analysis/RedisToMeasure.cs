using System.Globalization;
using ScaleKit.Redis;
using ScaleKit.TestKit;

namespace ScaleKit.Analysis;

/// <summary>The Redis that a run measures: the one that was named, or a server of its own.</summary>
internal sealed class RedisToMeasure : IAsyncDisposable
{
    private readonly RedisServer? _own;

    private RedisToMeasure(RedisServer? own, string host, int port) => (_own, Host, Port) = (own, host, port);

    public string Host { get; }

    public int Port { get; }

    public string EndPoint => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <summary>Finds or starts it.</summary>
    /// <exception cref="ArgumentException">It is not an address, or nobody answers there.</exception>
    public static async Task<RedisToMeasure> OfAsync(AnalysisArguments arguments)
    {
        var address = arguments.Text("redis");
        if (address.Length == 0)
        {
            var own = await RedisServer.StartAsync();
            return new RedisToMeasure(own, "127.0.0.1", own.Port);
        }

        if (address.Split(':') is not [{ Length: > 0 } host, var digits] || !ushort.TryParse(digits, CultureInfo.InvariantCulture, out var port))
        {
            throw new ArgumentException($"--redis is '{address}'; it must be HOST:PORT.", nameof(arguments));
        }

        await using var connection = new RedisConnection(new RedisOptions { ConnectionString = address, CallTimeout = TimeSpan.FromSeconds(5) });
        return (await connection.CheckHealthAsync()).IsHealthy
            ? new RedisToMeasure(null, host, port)
            : throw new ArgumentException($"--redis is '{address}'; no Redis answers there.", nameof(arguments));
    }

    public ValueTask DisposeAsync() => _own?.DisposeAsync() ?? ValueTask.CompletedTask;
}
