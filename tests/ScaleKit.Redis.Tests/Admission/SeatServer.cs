using System.Collections.Concurrent;
using System.Globalization;
using ScaleKit.Admission;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Admission;

/// <summary>A server with queues that are past their first lease, in which nobody is admitted: a test that only wants a queue need not wait for that.</summary>
public sealed class SeatServer : IAsyncLifetime
{
    private const int Queues = 64;
    private readonly ConcurrentQueue<string> _fresh = new();
    private RedisServer? _server;

    public string ConnectionString => _server!.ConnectionString;

    public RedisConnection Connection { get; private set; } = null!;

    public Task<string> CommandAsync(params string[] command) => _server!.CommandAsync(command);

    /// <summary>The name of a queue of the test's own.</summary>
    public string TakeQueue() => _fresh.TryDequeue(out var queue) ? queue : throw new InvalidOperationException($"More than {Queues} tests.");

    public async Task InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        Connection = await Connect.To(_server).ReadyAsync();
        var names = Enumerable.Range(0, Queues).Select(i => string.Create(CultureInfo.InvariantCulture, $"queue {i}")).ToArray();
        await Task.WhenAll(names.Select(OpenAsync));
        var last = new AdmissionNode(ConnectionString, queue: names[^1]);
        await last.SitAsync("the time is over");
        await last.DisposeAsync();
        Array.ForEach(names[..^1], _fresh.Enqueue);
    }

    public async Task DisposeAsync()
    {
        await Connection.DisposeAsync();
        await _server!.DisposeAsync();
    }

    private async Task OpenAsync(string queue)
    {
        var store = new RedisSeatStore(Connection, queue);
        var join = new SeatStep { Kind = SeatStepKind.Join, Node = "opens-----------", Lease = AdmissionNode.Lease };
        var epoch = (await store.StepAsync(join)).Epoch;
        _ = await store.StepAsync(new SeatStep { Kind = SeatStepKind.Leave, Node = join.Node, Epoch = epoch, Lease = join.Lease });
    }
}
