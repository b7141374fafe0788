using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Microsoft.Extensions.Caching.Hybrid;
using ScaleKit.Caching;
using ScaleKit.Redis;
using ScaleKit.TestKit;
using StackExchange.Redis;

namespace ScaleKit.Benchmarks;

/// <summary>
/// A hit in the shared level, which no memory level answers, against the raw client's GET of the same bytes, on a real server, by 64 callers that each wait for their
/// answer before they ask again. Each has a key of its own: calls for one key at the same time would share one GET.
/// </summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams)]
public class RedisCachingBenchmarks
{
    private const int Calls = 12_800;
    private const int Callers = 64;
    private static readonly HybridCacheEntryOptions SharedOnly = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };
    private RedisServer _server = null!;
    private ConnectionMultiplexer _client = null!;
    private RedisConnection _connection = null!;
    private TwoLevelCache _cache = null!;
    private readonly string[] _keys = new string[Callers];
    private readonly RedisKey[] _names = new RedisKey[Callers];

    [Params(100, 1024)]
    public int ValueBytes { get; set; }

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
        _cache = new TwoLevelCache(
            new TwoLevelCacheOptions { Expiration = TimeSpan.FromHours(1), MaxStaleness = TimeSpan.FromMinutes(1) },
            new RedisSharedStore(_connection),
            new RedisInvalidationBus(_connection));
        for (var i = 0; i < Callers; i++)
        {
            _keys[i] = $"user:{i}";
            _names[i] = _connection.Names.Name("cache", $"default:user:{i}").ToBytes();
            await _cache.SetAsync(_keys[i], new byte[ValueBytes]);
            if ((await _client.GetDatabase().StringGetAsync(_names[i])).IsNull)
                throw new InvalidOperationException("The raw client does not find the value.");
        }
    }

    private async Task CleanUpAsync()
    {
        await _cache.DisposeAsync();
        await _connection.DisposeAsync();
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public Task RawGet() => ByAllAsync(async (caller, calls) =>
    {
        while (--calls >= 0)
        {
            await _client.GetDatabase().StringGetAsync(_names[caller]).ConfigureAwait(false);
        }
    });

    [Benchmark(OperationsPerInvoke = Calls)]
    public Task SharedHit() => ByAllAsync(async (caller, calls) =>
    {
        while (--calls >= 0)
        {
            await _cache.GetOrCreateAsync<int, byte[]>(
                _keys[caller], 0, static (_, _) => throw new InvalidOperationException("not a hit"), SharedOnly).ConfigureAwait(false);
        }
    });

    private static Task ByAllAsync(Func<int, int, Task> calls) =>
        Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => calls(caller, Calls / Callers))));
}
