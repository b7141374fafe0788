using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using ScaleKit.Caching;

namespace ScaleKit.Benchmarks;

/// <summary>A hit in memory against MemoryCache, and against the bare dictionary and one reading of the clock, which no cache with lifetimes can beat.</summary>
[MemoryDiagnoser]
public class CachingBenchmarks
{
    private const int Entries = 1024;
    private const string Key = "user:512";
    private readonly TwoLevelCache _cache = new();
    private readonly MemoryCache _memory = new(new MemoryCacheOptions());
    private readonly ConcurrentDictionary<string, object> _dictionary = new(StringComparer.Ordinal);
    private readonly int _id = 512;

    /// <summary>Fills all three with the same entries.</summary>
    [GlobalSetup]
    public async Task FillAsync()
    {
        for (var i = 0; i < Entries; i++)
        {
            var key = $"user:{i}";
            await _cache.SetAsync(key, key, tags: ["user"]);
            _memory.Set(key, key, TimeSpan.FromHours(1));
            _dictionary[key] = key;
        }
    }

    /// <summary>Ends the cache.</summary>
    [GlobalCleanup]
    public void Clean()
    {
        _cache.Dispose();
        _memory.Dispose();
    }

    [Benchmark(Baseline = true)]
    public object? MemoryCacheTryGetValue() => _memory.TryGetValue(Key, out var value) ? value : null;

    [Benchmark]
    public object? ConcurrentDictionaryTryGetValue() => _dictionary.TryGetValue(Key, out var value) ? value : null;

    [Benchmark]
    public long ClockReading() => TimeProvider.System.GetTimestamp();

    [Benchmark]
    public string GetOrCreateHit() => _cache.GetOrCreateAsync(Key, 0, static (_, _) => ValueTask.FromResult("")).Result;

    [Benchmark]
    public string GetOrCreateHitAsHybridCache() => ((HybridCache)_cache).GetOrCreateAsync(Key, 0, static (_, _) => ValueTask.FromResult("")).Result;

    [Benchmark]
    public string GetOrCreateHitBySpan() => _cache.GetOrCreateAsync(Key.AsSpan(), 0, static (_, _) => ValueTask.FromResult("")).Result;

    [Benchmark]
    public string GetOrCreateHitByInterpolation() => ((HybridCache)_cache).GetOrCreateAsync($"user:{_id}", 0, static (_, _) => ValueTask.FromResult("")).Result;

    [Benchmark]
    public bool TryGetHit() => _cache.TryGetAsync<string>(Key).Result.IsFound;
}
