using ScaleKit.Caching;
using Spectre.Console;
using StackExchange.Redis;

namespace ScaleKit.Analysis.Caching;

/// <summary>What the shared level costs beyond the raw client, and how many factories a cold key costs a fleet.</summary>
internal static class CacheLoad
{
    private const int KeysPerCaller = 16;

    // Until the code that they run is the optimised one.
    private const int WarmUpLaps = 3;

    public static readonly AnalysisCommand Command = new(
        "cache-load",
        "hits in the shared level against the raw client's GET, and a cold key asked for by a fleet",
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["redis"] = "", ["callers"] = "64", ["calls"] = "102400", ["laps"] = "15", ["value-bytes"] = "1000",
            ["nodes"] = "3", ["cold-callers"] = "1000", ["cold-rounds"] = "10", ["factory-ms"] = "50",
        },
        RunAsync);

    private static async Task RunAsync(AnalysisArguments arguments, AnalysisReport report)
    {
        var nodeCount = arguments.Number("nodes", 1, 100);
        await using var redis = await RedisToMeasure.OfAsync(arguments);
        var nodes = new List<CacheNode>();
        try
        {
            for (var i = 0; i < nodeCount; i++)
            {
                nodes.Add(new CacheNode(redis.EndPoint, TimeSpan.FromSeconds(30)));
                await nodes[i].UntilInMemoryAsync("warm");
            }

            await HitsAsync(nodes[0].Cache, redis, arguments, report);
            await ColdKeysAsync(nodes, arguments, report);
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    private static async Task HitsAsync(TwoLevelCache cache, RedisToMeasure redis, AnalysisArguments arguments, AnalysisReport report)
    {
        var (callers, calls) = (arguments.Number("callers", 1, 10_000), arguments.Number("calls", 1, 10_000_000));
        var (laps, valueBytes) = (arguments.Number("laps", 1, 1_000), arguments.Number("value-bytes", 1, 1_000_000));
        using var client = await ConnectionMultiplexer.ConnectAsync(redis.EndPoint);
        var database = client.GetDatabase();
        var (value, lifetime) = (new byte[valueBytes], TimeSpan.FromMinutes(10));
        Random.Shared.NextBytes(value);

        // A key of its own for every call under way: callers of one key would share one reading.
        var keys = Enumerable.Range(0, callers * KeysPerCaller).Select(i => $"load:{i}").ToArray();
        var rawKeys = keys.Select(key => (RedisKey)$"scalekit-analysis:raw:{key}").ToArray();
        foreach (var key in keys)
        {
            await cache.SetAsync(key, value);
        }

        foreach (var key in rawKeys)
        {
            await database.StringSetAsync(key, value, lifetime);
        }

        var misses = 0;
        var factory = (CancellationToken _) =>
        {
            Interlocked.Increment(ref misses);
            return ValueTask.FromResult(value);
        };
        Task RawAsync() => ByAllAsync(callers, calls, async i => ((byte[]?)await database.StringGetAsync(rawKeys[i]))!.Length);
        Task CachedAsync() => ByAllAsync(callers, calls, async i => (await cache.GetOrCreateAsync(keys[i], factory, CacheNode.SharedOnly)).Length);

        AnsiConsole.MarkupLineInterpolated($"{callers} callers, values of {valueBytes} bytes, {laps} laps of {calls} calls of each ...");

        var (raw, cached) = await LapsAsync(laps, calls, RawAsync, CachedAsync);
        report.TimeAtLeast("l2_ops_times_raw", raw / cached, 0.7);
        report.Figure("l2_ops_per_s", Math.Round(1e9 / cached));
        report.Figure("raw_ops_per_s", Math.Round(1e9 / raw));
        var (cachedBytes, rawBytes) = (await AllocatedAsync(CachedAsync, calls), await AllocatedAsync(RawAsync, calls));
        report.Figure("l2_bytes_beyond_value", cachedBytes - valueBytes);
        report.Figure("raw_bytes_beyond_value", rawBytes - valueBytes);

        // The client makes an array of its own for every answer; the caller's value, which he may change, is another.
        report.TimeAtMost("l2_bytes_beyond_value_and_raw_get", cachedBytes - rawBytes - valueBytes, 900);
        report.AtMost("l2_misses", misses, 0);
    }

    private static async Task ColdKeysAsync(List<CacheNode> nodes, AnalysisArguments arguments, AnalysisReport report)
    {
        var (callers, rounds) = (arguments.Number("cold-callers", 1, 100_000), arguments.Number("cold-rounds", 1, 10_000));
        var factoryTime = TimeSpan.FromMilliseconds(arguments.Number("factory-ms", 0, 60_000));
        var (most, wrong, took) = (0, 0, new Sample());
        await ProgressBars.New().StartAsync(async progress =>
        {
            var task = progress.AddTask($"cold keys, {nodes.Count} nodes, {callers} callers on each", maxValue: rounds);
            for (var round = 0; round < rounds; round++)
            {
                var (key, made) = ($"cold:{Guid.NewGuid():N}", 0);
                var factory = async (CancellationToken cancellationToken) =>
                {
                    var number = Interlocked.Increment(ref made);
                    await Task.Delay(factoryTime, TimeProvider.System, cancellationToken);
                    return $"{key} {number}";
                };
                var startedAt = TimeProvider.System.GetTimestamp();
                var found = await Task.WhenAll(
                    from node in nodes
                    from caller in Enumerable.Range(0, callers)
                    select Task.Run(() => node.Cache.GetOrCreateAsync(key, async token => await factory(token)).AsTask()));
                took.Add(TimeProvider.System.GetElapsedTime(startedAt).TotalMilliseconds);
                most = Math.Max(most, made);
                wrong += found.Count(value => !string.Equals(value, $"{key} 1", StringComparison.Ordinal));
                task.Increment(1);
            }
        });
        report.AtMost("cold_factory_calls", most, 1);
        report.AtMost("cold_other_values", wrong, 0);
        report.Figure("cold_ms_p50", Math.Round(took.Quantile(0.5), 1));
    }

    private static Task ByAllAsync(int callers, int calls, Func<int, Task<int>> call) => Task.WhenAll(
        from caller in Enumerable.Range(0, callers)
        select Task.Run(async () =>
        {
            for (var i = 0; i < Math.Max(1, calls / callers); i++)
            {
                await call((caller * KeysPerCaller) + (i % KeysPerCaller));
            }
        }));

    /// <summary>Bytes a call on all threads; the call's own task and its array's head are in both figures.</summary>
    private static async Task<double> AllocatedAsync(Func<Task> lap, int calls)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await lap();
        return Math.Round((GC.GetTotalAllocatedBytes(precise: true) - before) / (double)calls);
    }

    /// <summary>Nanoseconds a call of each, in turns. Medians: the best lap of 64 callers, a server and a client on a few cores is one that the scheduler was kind to.</summary>
    private static async Task<(double First, double Second)> LapsAsync(int laps, int calls, Func<Task> first, Func<Task> second)
    {
        var (firsts, seconds) = (new Sample(), new Sample());
        for (var lap = -WarmUpLaps; lap < laps; lap++)
        {
            var (a, b) = (await TimeAsync(first), await TimeAsync(second));
            if (lap >= 0)
            {
                firsts.Add(a / calls);
                seconds.Add(b / calls);
            }
        }

        return (firsts.Quantile(0.5), seconds.Quantile(0.5));
    }

    private static async Task<double> TimeAsync(Func<Task> lap)
    {
        var started = TimeProvider.System.GetTimestamp();

        // On the pool: this thread can be the raw client's own, which completes its callers' awaits.
        await Task.Run(lap);
        return TimeProvider.System.GetElapsedTime(started).TotalNanoseconds;
    }
}
