using System.Globalization;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using ScaleKit.RateLimiting;
using ScaleKit.Redis;
using ScaleKit.TestKit;

namespace ScaleKit.Benchmarks;

/// <summary>A shared limit on a real server. The baseline of each group is the classical sorted-set script over the same connection.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class RedisRateLimitingBenchmarks
{
    private const int Callers = 64;
    private const int CallsEach = 100;
    private static readonly RedisScript SortedSet = RedisScript.Load("Rivals", "SortedSet", typeof(RedisRateLimitingBenchmarks).Assembly);
    private static readonly RateLimitPolicy Wide = new("wide", RateLimitPolicy.MaximumLimit, TimeSpan.FromSeconds(1));
    private static readonly RateLimitPolicy Narrow = new("narrow", 10, TimeSpan.FromDays(1));

    private readonly string[] _keys = [.. Enumerable.Range(0, 1000).Select(i => "user-" + i.ToString("D6", CultureInfo.InvariantCulture))];
    private readonly RedisName[] _names = new RedisName[1000];
    private RedisServer _server = null!;
    private RedisConnection _connection = null!;
    private RedisRateLimitStore _store = null!;

    // The in-process toolchain does not wait for an asynchronous setup.
    [GlobalSetup]
    public void SetUp() => SetUpAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void CleanUp() => CleanUpAsync().GetAwaiter().GetResult();

    private async Task SetUpAsync()
    {
        _server = await RedisServer.StartAsync();
        _connection = new RedisConnection(new RedisOptions { ConnectionString = _server.ConnectionString, CallTimeout = TimeSpan.FromSeconds(10) });
        while (!(await _connection.CheckHealthAsync()).IsHealthy)
        {
        }

        _store = new RedisRateLimitStore(_connection, new RedisRateLimitOptions { Timeout = TimeSpan.FromSeconds(10), WhenUnavailable = RateLimitFallback.Closed });
        for (var i = 0; i < _names.Length; i++)
        {
            _names[i] = _connection.Names.Name("rival", _keys[i]);
        }

        for (var i = 0; i <= Narrow.Limit; i++)
        {
            await _store.AcquireAsync(new RateLimitCharge(Narrow, "refused"));
            await ClassicalAsync(_connection.Names.Name("rival", "refused"), Narrow);
        }
    }

    private async Task CleanUpAsync()
    {
        _store.Dispose();
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Callers * CallsEach), BenchmarkCategory("one key, 64 callers")]
    public Task OneKey_Classical() => AllAsync(_ => ClassicalAsync(_names[0], Wide));

    [Benchmark(OperationsPerInvoke = Callers * CallsEach), BenchmarkCategory("one key, 64 callers")]
    public Task OneKey_ScaleKit() => AllAsync(_ => _store.AcquireAsync(new RateLimitCharge(Wide, _keys[0])));

    [Benchmark(Baseline = true, OperationsPerInvoke = Callers * CallsEach), BenchmarkCategory("1000 keys, 64 callers")]
    public Task ManyKeys_Classical() => AllAsync(i => ClassicalAsync(_names[i % 1000], Wide));

    [Benchmark(OperationsPerInvoke = Callers * CallsEach), BenchmarkCategory("1000 keys, 64 callers")]
    public Task ManyKeys_ScaleKit() => AllAsync(i => _store.AcquireAsync(new RateLimitCharge(Wide, _keys[i % 1000])));

    [Benchmark(Baseline = true, OperationsPerInvoke = Callers * CallsEach), BenchmarkCategory("refused, 64 callers")]
    public Task Refused_Classical() => AllAsync(_ => ClassicalAsync(_connection.Names.Name("rival", "refused"), Narrow));

    [Benchmark(OperationsPerInvoke = Callers * CallsEach), BenchmarkCategory("refused, 64 callers")]
    public Task Refused_ScaleKit() => AllAsync(_ => _store.AcquireAsync(new RateLimitCharge(Narrow, "refused")));

    [Benchmark(Baseline = true, OperationsPerInvoke = CallsEach), BenchmarkCategory("one caller")]
    public async Task OneCaller_Classical()
    {
        for (var i = 0; i < CallsEach; i++)
        {
            await ClassicalAsync(_names[1], Wide);
        }
    }

    [Benchmark(OperationsPerInvoke = CallsEach), BenchmarkCategory("one caller")]
    public async Task OneCaller_ScaleKit()
    {
        for (var i = 0; i < CallsEach; i++)
        {
            await _store.AcquireAsync(new RateLimitCharge(Wide, _keys[1]));
        }
    }

    private static Task AllAsync<T>(Func<int, ValueTask<T>> call)
    {
        var callers = new Task[Callers];
        for (var i = 0; i < Callers; i++)
        {
            var first = i * 7919;
            callers[i] = Task.Run(async () =>
            {
                for (var n = 0; n < CallsEach; n++)
                {
                    await call(first + (n * 31));
                }
            });
        }

        return Task.WhenAll(callers);
    }

    private async ValueTask<bool> ClassicalAsync(RedisName name, RateLimitPolicy policy)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var reply = await _connection.RunAsync(
            SortedSet, [name], [now, (long)policy.Window.TotalMilliseconds, policy.Limit, Guid.NewGuid().ToString("N")], CancellationToken.None);
        return reply.ToInt64() == 1;
    }
}
