using System.Globalization;
using ScaleKit.TestKit;

namespace ScaleKit.Analysis.Chaos;

/// <summary>Three nodes of ChatRooms behind its proxy, on a Redis with a replica under a Sentinel, each a process of its own.</summary>
internal sealed class ChatCluster : IAsyncDisposable
{
    private const int Nodes = FaultSchedule.Nodes;

    // Caps that a small crowd reaches, and a lease that the longer of the stops outlast.
    private static readonly (string Name, string Value)[] Settings =
    [
        ("ScaleKit__Admission__RoomCapacity", "4"), ("ScaleKit__Admission__ActiveRooms", "10"), ("ScaleKit__Admission__TotalCapacity", "36"),
        ("ScaleKit__Admission__StoreLease", "00:00:05"),
    ];

    private readonly TalkingProgram?[] _nodes = new TalkingProgram?[Nodes];
    private readonly Task[] _hearing = [.. Enumerable.Repeat(Task.CompletedTask, Nodes)];
    private readonly Uri[] _addresses = [.. Enumerable.Range(0, Nodes).Select(static _ => AddressOf(LoopbackPort.Find()))];
    private readonly Action<string> _log;
    private RedisReplicaPair? _pair;
    private RedisSentinel? _sentinel;
    private TalkingProgram? _proxy;

    private ChatCluster(Action<string> log) => _log = log;

    /// <summary>What the people use.</summary>
    public Uri Proxy { get; } = AddressOf(LoopbackPort.Find());

    /// <summary>What the operator uses.</summary>
    public IReadOnlyList<Uri> Addresses => _addresses;

    public string Folder { get; } = Directory.CreateTempSubdirectory("chatrooms-").FullName;

    public RedisSentinel Sentinel => _sentinel!;

    public static async Task<ChatCluster> StartAsync(Action<string> log)
    {
        foreach (var (name, value) in Settings)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        var cluster = new ChatCluster(log);
        try
        {
            cluster._pair = await RedisReplicaPair.StartAsync(new RedisServerOptions { Persistent = true });
            cluster._sentinel = await RedisSentinel.StartAsync(cluster._pair);
            await Task.WhenAll(Enumerable.Range(0, Nodes).Select(cluster.StartNodeAsync));
            cluster._proxy = TalkingProgram.Start("ChatRooms", "--proxy", string.Join(',', cluster._addresses.Select(static one => one.GetLeftPart(UriPartial.Authority))), "--urls", cluster.Proxy.GetLeftPart(UriPartial.Authority));
            await HearAsync(cluster._proxy, "ChatRooms proxy: ", log);
            _ = cluster._proxy.HearAllAsync(log);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the node, at its address as ever, and waits until it has said where it is.</summary>
    public async Task StartNodeAsync(int node)
    {
        var program = TalkingProgram.Start(
            "ChatRooms", "--simulate", "0", "--urls", _addresses[node].GetLeftPart(UriPartial.Authority), "--data", Folder, "--redis", _sentinel!.ConnectionString);
        _nodes[node] = program;
        void Log(string line) => _log(string.Create(CultureInfo.InvariantCulture, $"node {node + 1}: {line}"));
        await HearAsync(program, "ChatRooms: ", Log);
        _hearing[node] = program.HearAllAsync(Log);
    }

    /// <summary>Ends the node where it stands.</summary>
    public async Task KillNodeAsync(int node)
    {
        var program = _nodes[node]!;
        _nodes[node] = null;
        program.Kill();
        await _hearing[node];
        await program.DisposeAsync();
    }

    public void StopNode(int node) => _nodes[node]!.Pause();

    public void ResumeNode(int node) => _nodes[node]!.Resume();

    /// <summary>The server that the Sentinel takes for the primary, and the other.</summary>
    public async Task<(RedisServer Primary, RedisServer Replica)> RedisAsync()
    {
        var port = await _sentinel!.PrimaryPortAsync();
        return port == _pair!.Primary.Port ? (_pair.Primary, _pair.Replica) : (_pair.Replica, _pair.Primary);
    }

    public async ValueTask DisposeAsync()
    {
        for (var node = 0; node < Nodes; node++)
        {
            if (_nodes[node] is not null)
            {
                await KillNodeAsync(node);
            }
        }

        await (_proxy?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_sentinel?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_pair?.DisposeAsync() ?? ValueTask.CompletedTask);
        Directory.Delete(Folder, recursive: true);
    }

    private static Uri AddressOf(int port) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));

    private static async Task HearAsync(TalkingProgram program, string greeting, Action<string> log)
    {
        while (await program.HearAsync() is var line && !line.StartsWith(greeting, StringComparison.Ordinal))
        {
            log(line);
        }
    }
}
