using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Caching.Memory;
using ScaleKit.Caching;

namespace ScaleKit.Benchmarks;

/// <summary>
/// Hits in memory on all of 1,024 keys from one thread and from two. The time is for the same number of hits on each thread: with two threads it stays the same where
/// a hit writes nothing that the threads share, and the throughput is twice as high.
/// </summary>
[MemoryDiagnoser]
public class CachingThreadsBenchmarks : IDisposable
{
    private const int Hits = 2_000_000;
    private const int Entries = 1024;
    private readonly string[] _keys = [.. Enumerable.Range(0, Entries).Select(i => $"user:{i}")];
    private readonly TwoLevelCache _cache = new();
    private readonly MemoryCache _memory = new(new MemoryCacheOptions());
    private readonly ConcurrentDictionary<string, object> _dictionary = new(StringComparer.Ordinal);

    /// <summary>How many threads ask.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    /// <summary>Fills all three with the same entries.</summary>
    [GlobalSetup]
    public async Task FillAsync()
    {
        foreach (var key in _keys)
        {
            await _cache.SetAsync(key, key, tags: ["user"]);
            _memory.Set(key, key, TimeSpan.FromHours(1));
            _dictionary[key] = key;
        }
    }

    /// <summary>Ends the caches.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        _cache.Dispose();
        _memory.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Hits)]
    public void MemoryCacheTryGetValue() => OnThreads(key => _memory.TryGetValue(key, out _));

    [Benchmark(OperationsPerInvoke = Hits)]
    public void ConcurrentDictionaryTryGetValue() => OnThreads(key => _dictionary.TryGetValue(key, out _));

    [Benchmark(OperationsPerInvoke = Hits)]
    public void GetOrCreateHit() => OnThreads(key => _cache.GetOrCreateAsync(key, 0, static (_, _) => ValueTask.FromResult("")).IsCompletedSuccessfully);

    private void OnThreads(Func<string, bool> hit)
    {
        var others = Enumerable.Range(1, Threads - 1).Select(_ => Task.Factory.StartNew(Loop, TaskCreationOptions.LongRunning)).ToArray();
        Loop();
        Task.WaitAll(others);

        void Loop()
        {
            var found = 0;
            for (var i = 0; i < Hits; i++)
                found += hit(_keys[i % Entries]) ? 1 : 0;
            if (found != Hits)
                throw new InvalidOperationException($"{found} of {Hits} asked for were there.");
        }
    }
}
