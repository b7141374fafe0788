using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using ScaleKit.Redis;
using ScaleKit.TestKit;
using StackExchange.Redis;

namespace ScaleKit.Benchmarks;

/// <summary>
/// What the guard around each call costs: the same command through the seam and through the raw client, on a real server, by one caller
/// and by 64 that each wait for their answer before they ask again. The values have 100 bytes; MGET reads 16 keys in one command.
/// </summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory, BenchmarkLogicalGroupRule.ByParams)]
[CategoriesColumn]
public class RedisBenchmarks
{
    private const int Calls = 12_800;
    private const int Keys = 16;
    private readonly RedisName[] _names = new RedisName[Keys];
    private readonly RedisKey[] _rawNames = new RedisKey[Keys];
    private readonly RedisKey[] _rawKeys = new RedisKey[1];
    private readonly RedisValue[] _rawArguments = [1];
    private RedisServer _server = null!;
    private ConnectionMultiplexer _client = null!;
    private RedisConnection _connection = null!;
    private RedisScript _script = null!;
    private RedisKeys _keys;
    private RedisArguments _arguments;

    [Params(1, 64)]
    public int Callers { get; set; }

    // Not async: the in-process toolchain starts such a setup and does not wait for it.
    [GlobalSetup]
    public void SetUp() => SetUpAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void CleanUp() => CleanUpAsync().GetAwaiter().GetResult();

    private async Task SetUpAsync()
    {
        _server = await RedisServer.StartAsync();
        _client = await ConnectionMultiplexer.ConnectAsync(_server.ConnectionString);
        _connection = new RedisConnection(new RedisOptions { ConnectionString = _server.ConnectionString, CallTimeout = TimeSpan.FromSeconds(10) });
        for (var i = 0; i < Keys; i++)
        {
            _names[i] = _connection.Names.Name("benchmark", $"key:{i}");
            _rawNames[i] = _names[i].ToBytes();
            await _connection.SetAsync(_names[i], new byte[100], expiry: null, CancellationToken.None);
        }

        _rawKeys[0] = _rawNames[0];
        _script = RedisScript.Load("Redis", "Length", typeof(RedisBenchmarks).Assembly);
        _keys = [_names[0]];
        _arguments = [1];
        await _connection.RunAsync(_script, _keys, _arguments, CancellationToken.None);
    }

    private async Task CleanUpAsync()
    {
        await _connection.DisposeAsync();
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    [BenchmarkCategory("GET")]
    public Task RawGet() => ByAllAsync(async calls =>
    {
        while (--calls >= 0)
        {
            await _client.GetDatabase().StringGetAsync(_rawNames[0]).ConfigureAwait(false);
        }
    });

    [Benchmark(OperationsPerInvoke = Calls)]
    [BenchmarkCategory("GET")]
    public Task SeamGet() => ByAllAsync(async calls =>
    {
        while (--calls >= 0)
        {
            await _connection.GetAsync(_names[0], CancellationToken.None).ConfigureAwait(false);
        }
    });

    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    [BenchmarkCategory("MGET")]
    public Task RawGetMany() => ByAllAsync(async calls =>
    {
        while (--calls >= 0)
        {
            await _client.GetDatabase().StringGetAsync(_rawNames).ConfigureAwait(false);
        }
    });

    [Benchmark(OperationsPerInvoke = Calls)]
    [BenchmarkCategory("MGET")]
    public Task SeamGetMany() => ByAllAsync(async calls =>
    {
        while (--calls >= 0)
        {
            await _connection.GetManyAsync(_names, CancellationToken.None).ConfigureAwait(false);
        }
    });

    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    [BenchmarkCategory("EVALSHA")]
    public Task RawScript() => ByAllAsync(async calls =>
    {
        while (--calls >= 0)
        {
            await _client.GetDatabase().ScriptEvaluateAsync(_script.Hash, _rawKeys, _rawArguments).ConfigureAwait(false);
        }
    });

    [Benchmark(OperationsPerInvoke = Calls)]
    [BenchmarkCategory("EVALSHA")]
    public Task SeamScript() => ByAllAsync(async calls =>
    {
        while (--calls >= 0)
        {
            await _connection.RunAsync(_script, _keys, _arguments, CancellationToken.None).ConfigureAwait(false);
        }
    });

    private Task ByAllAsync(Func<int, Task> caller) =>
        Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(() => caller(Calls / Callers))));
}
