using System.Diagnostics;
using System.Globalization;
using ScaleKit.Analysis.Caching;
using ScaleKit.RateLimiting;
using ScaleKit.Redis;
using Spectre.Console;
using StackExchange.Redis;

namespace ScaleKit.Analysis.Scale;

/// <summary>What a cached session and a limiter's key cost on a real Redis, and how many of each one server answers beside its 64 callers on this machine.</summary>
internal static class RedisUnits
{
    private const int Callers = 64;

    public static async Task<RedisUnit> MeasureAsync(AnalysisArguments arguments, int sample, Assumptions assumptions, ProgressContext progress, AnalysisReport report)
    {
        var task = progress.AddTask("Redis: sessions and limits", maxValue: 4);
        await using var redis = await RedisToMeasure.OfAsync(arguments);
        using var client = await ConnectionMultiplexer.ConnectAsync($"{redis.EndPoint},allowAdmin=true");
        await using var node = new CacheNode(redis.EndPoint, TimeSpan.FromSeconds(30));
        await using var connection = new RedisConnection(
            new RedisOptions { ConnectionString = redis.EndPoint, KeyPrefix = "scalekit-analysis", CallTimeout = TimeSpan.FromSeconds(10) });
        using var limiter = new RedisRateLimitStore(connection, new RedisRateLimitOptions { WhenUnavailable = RateLimitFallback.Closed, Timeout = TimeSpan.FromSeconds(10) });
        var policy = new RateLimitPolicy("client", 1_000_000, TimeSpan.FromHours(1));
        var names = Enumerable.Range(0, sample).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i:D10}")).ToArray();
        var value = new byte[assumptions.SessionBytes];
        Random.Shared.NextBytes(value);

        Task SetAsync(int i) => node.Cache.SetAsync(names[i], value, CacheNode.SharedOnly).AsTask();
        Task ReadAsync(int i) => node.Cache.GetOrCreateAsync(names[i], static _ => ValueTask.FromResult(Array.Empty<byte>()), CacheNode.SharedOnly).AsTask();
        async Task DecideAsync(int i)
        {
            if (!(await limiter.AcquireAsync(new RateLimitCharge(policy, names[i]))).IsAcquired)
            {
                throw new InvalidOperationException("A call far below its limit was refused.");
            }
        }

        var empty = Used(client);
        await ByAllAsync(sample, SetAsync);
        var withSessions = Used(client);
        task.Increment(1);
        await ByAllAsync(sample, DecideAsync);
        var withLimits = Used(client);
        task.Increment(1);
        var reads = await RateAsync(sample, ReadAsync);
        task.Increment(1);
        var decisions = await RateAsync(sample, DecideAsync);
        task.Increment(1);

        var unit = new RedisUnit((withSessions - empty) / (double)sample, (withLimits - withSessions) / (double)sample, reads, decisions);
        report.Figure("redis_session_bytes", unit.BytesPerSession);
        report.AtMost("redis_limiter_key_bytes", unit.BytesPerLimiterKey, 400);
        report.Figure("redis_reads_per_s", reads);
        report.Figure("redis_decisions_per_s", decisions);
        return unit;
    }

    private static long Used(ConnectionMultiplexer client) =>
        long.Parse(
            client.GetServer(client.GetEndPoints()[0]).Info("memory").SelectMany(section => section).First(line => line.Key is "used_memory").Value,
            CultureInfo.InvariantCulture);

    private static async Task<double> RateAsync(int calls, Func<int, Task> call)
    {
        var started = Stopwatch.GetTimestamp();
        await ByAllAsync(calls, call);
        return calls / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task ByAllAsync(int calls, Func<int, Task> call)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < calls; i = Interlocked.Increment(ref next))
            {
                await call(i);
            }
        })));
    }
}
