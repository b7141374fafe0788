using System.Diagnostics;
using System.Globalization;

namespace ScaleKit.TestKit;

/// <summary>A real Sentinel that watches a primary and promotes its replica a second after it is gone. It is redis-server in its other role. Not thread-safe.</summary>
public sealed class RedisSentinel : IAsyncDisposable
{
    /// <summary>The name under which it knows the primary.</summary>
    public const string Service = "main";

    private readonly string _folder = ServerRoom.CreateFolder("sentinel");
    private Process? _process;

    private RedisSentinel()
    {
    }

    /// <summary>The TCP port.</summary>
    public int Port { get; private set; }

    /// <summary>What an application is given: the Sentinel and the service, and no server.</summary>
    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port},serviceName={Service}");

    /// <summary>Starts one and returns when it knows the primary and its replica.</summary>
    public static async Task<RedisSentinel> StartAsync(RedisReplicaPair pair)
    {
        var sentinel = new RedisSentinel { Port = LoopbackPort.Find() };
        try
        {
            await sentinel.LaunchAsync(pair.Primary.Port);
            return sentinel;
        }
        catch
        {
            await sentinel.DisposeAsync();
            throw;
        }
    }

    /// <summary>The port of the server that it takes for the primary.</summary>
    public async Task<int> PrimaryPortAsync()
    {
        var lines = (await CommandAsync("SENTINEL", "GET-MASTER-ADDR-BY-NAME", Service)).Split('\n');
        return int.Parse(lines[^1].Trim(), CultureInfo.InvariantCulture);
    }

    /// <summary>Makes it promote the replica although the primary lives, as soon as it has heard enough of that replica to trust it.</summary>
    public Task FailoverAsync() => Eventually.HoldsAsync(TryFailoverAsync, "the Sentinel begins to promote the replica");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            Signals.Kill(process.Id);
            await process.WaitForExitAsync();
            ServerRoom.Leave(process.Id);
            process.Dispose();
        }

        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async ValueTask<bool> TryFailoverAsync()
    {
        try
        {
            return await CommandAsync("SENTINEL", "FAILOVER", Service) == "OK";
        }
        catch (InvalidOperationException e) when (e.Message.Contains("NOGOODSLAVE", StringComparison.Ordinal))
        {
            return false;
        }
    }

    private Task<string> CommandAsync(params string[] arguments) => RespClient.SendAsync(Port, password: null, arguments);

    private async Task LaunchAsync(int primary)
    {
        // It writes what it learns into this file.
        var configuration = Path.Combine(_folder, "sentinel.conf");
        await File.WriteAllLinesAsync(
            configuration,
            (string[])
            [
                string.Create(CultureInfo.InvariantCulture, $"port {Port}"),
                "bind 127.0.0.1",
                $"dir \"{_folder}\"",
                $"logfile \"{Path.Combine(_folder, "sentinel.log")}\"",
                string.Create(CultureInfo.InvariantCulture, $"sentinel monitor {Service} 127.0.0.1 {primary} 1"),
                $"sentinel down-after-milliseconds {Service} 1000",
                $"sentinel failover-timeout {Service} 10000",
            ]);
        var start = new ProcessStartInfo(ServerTool.Find("redis-server", "apt-get install redis-server"), [configuration, "--sentinel"]) { UseShellExecute = false };
        _process = Process.Start(start) ?? throw new InvalidOperationException("redis-server did not start as a Sentinel.");
        ServerRoom.Enter(_process.Id);
        await Eventually.HoldsAsync(KnowsReplicaAsync, "the Sentinel knows the primary and its replica");
    }

    private async ValueTask<bool> KnowsReplicaAsync()
    {
        try
        {
            return (await CommandAsync("SENTINEL", "REPLICAS", Service)).Contains("127.0.0.1", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or InvalidOperationException or OperationCanceledException)
        {
            return false;
        }
    }
}
