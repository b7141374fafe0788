using System.Globalization;
using BenchmarkDotNet.Attributes;
using ScaleKit.Admission;
using ScaleKit.Redis;
using ScaleKit.TestKit;

namespace ScaleKit.Benchmarks;

/// <summary>A queue that nodes share on a real server: a seat taken and given back by 64 callers, against one trivial script call over the same seam.</summary>
[MemoryDiagnoser]
public class RedisAdmissionBenchmarks
{
    private const int Callers = 64;
    private const int CallsEach = 100;
    private static readonly RedisScript Trivial = RedisScript.Load("Redis", "Length", typeof(RedisAdmissionBenchmarks).Assembly);

    private readonly string[] _rooms = [.. Enumerable.Range(0, 16).Select(i => "room-" + i.ToString(CultureInfo.InvariantCulture))];
    private RedisServer _server = null!;
    private RedisConnection _connection = null!;
    private AdmissionQueue _queue = null!;
    private RedisName _name;

    // The in-process toolchain does not wait for an asynchronous setup.
    [GlobalSetup]
    public void SetUp() => SetUpAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void CleanUp() => CleanUpAsync().GetAwaiter().GetResult();

    [Benchmark(Baseline = true, OperationsPerInvoke = Callers * CallsEach)]
    public Task TrivialScript() => AllAsync(async _ => await _connection.RunAsync(Trivial, [_name], [1], CancellationToken.None));

    /// <summary>A pair is two operations: what it would cost as two calls.</summary>
    [Benchmark(OperationsPerInvoke = Callers * CallsEach)]
    public Task TrivialScriptTwice() => AllAsync(async _ =>
    {
        await _connection.RunAsync(Trivial, [_name], [1], CancellationToken.None);
        await _connection.RunAsync(Trivial, [_name], [1], CancellationToken.None);
    });

    [Benchmark(OperationsPerInvoke = Callers * CallsEach)]
    public Task AdmitAndRelease() => AllAsync(async i =>
    {
        var result = await _queue.AdmitAsync(new AdmissionRequest(_rooms[i % _rooms.Length]));
        await result.Lease!.DisposeAsync();
    });

    private static Task AllAsync(Func<int, Task> call) => Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
    {
        for (var n = 0; n < CallsEach; n++)
        {
            await call(caller);
        }
    })));

    private async Task SetUpAsync()
    {
        _server = await RedisServer.StartAsync();
        _connection = new RedisConnection(new RedisOptions { ConnectionString = _server.ConnectionString, CallTimeout = TimeSpan.FromSeconds(10) });
        _name = _connection.Names.Name("rival", "one");
        _queue = new AdmissionQueue(new AdmissionOptions { StoreLease = TimeSpan.FromSeconds(1) }, store: new RedisSeatStore(_connection));
        var first = await _queue.AdmitAsync(new AdmissionRequest("first"));
        await first.Lease!.DisposeAsync();
    }

    private async Task CleanUpAsync()
    {
        await _queue.DisposeAsync();
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }
}
