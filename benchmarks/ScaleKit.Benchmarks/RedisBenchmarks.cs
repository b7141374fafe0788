using BenchmarkDotNet.Attributes;
using ScaleKit.Redis;
using ScaleKit.TestKit;
using StackExchange.Redis;

namespace ScaleKit.Benchmarks;

/// <summary>What the guard around each call costs: the same EVALSHA through the seam and through the raw client, on a real server.</summary>
[MemoryDiagnoser]
public class RedisBenchmarks
{
    private const string Script = "local time = redis.call('TIME')\nreturn { tonumber(time[1]), tonumber(time[2]) }";
    private readonly Task[] _calls = new Task[Callers];
    private RedisServer _server = null!;
    private ConnectionMultiplexer _client = null!;
    private RedisConnection _connection = null!;
    private byte[] _hash = null!;

    private const int Callers = 64;

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _server = await RedisServer.StartAsync();
        _client = await ConnectionMultiplexer.ConnectAsync(_server.ConnectionString);
        _hash = Convert.FromHexString(await _server.CommandAsync("SCRIPT", "LOAD", Script));
        _connection = new RedisConnection(new RedisOptions { ConnectionString = _server.ConnectionString, CallTimeout = TimeSpan.FromSeconds(10) });
        await _connection.CheckHealthAsync();
    }

    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        await _connection.DisposeAsync();
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Callers)]
    public Task RawClient_64Callers()
    {
        for (var i = 0; i < Callers; i++)
        {
            _calls[i] = _client.GetDatabase().ScriptEvaluateAsync(_hash);
        }

        return Task.WhenAll(_calls);
    }

    [Benchmark(OperationsPerInvoke = Callers)]
    public Task Seam_64Callers()
    {
        for (var i = 0; i < Callers; i++)
        {
            _calls[i] = _connection.CheckHealthAsync().AsTask();
        }

        return Task.WhenAll(_calls);
    }
}
