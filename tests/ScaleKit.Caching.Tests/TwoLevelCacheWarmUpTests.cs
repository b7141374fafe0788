using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class TwoLevelCacheWarmUpTests
{
    [Fact]
    public async Task WarmUpAsync_ManyKeys_FillsThemInBatchesAndTellsItsProgress()
    {
        await using var cache = Cached.New();
        var (calls, told) = (0, new Told());
        var options = new CacheWarmUpOptions { BatchSize = 100, Parallelism = 4, Tags = ["warm"] };

        var sum = await cache.WarmUpAsync(Keys(250), Make, options, told);

        Assert.Equal(new CacheWarmUpProgress(250, 0), sum);
        Assert.Equal((3, 3), (calls, told.All.Count));
        Assert.Equal(told.All.OrderBy(p => p.Done), told.All);
        Assert.Equal(7, await cache.GetAsync("7", -1));
        await cache.WarmUpAsync(Keys(250), Make, options);
        Assert.Equal(3, calls);
        await cache.RemoveByTagAsync("warm");
        Assert.Equal(-1, await cache.GetAsync("7", -1));

        ValueTask<IReadOnlyDictionary<string, int>> Make(IReadOnlyList<string> keys, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref calls);
            return Numbers(keys);
        }
    }

    [Fact]
    public async Task WarmUpAsync_BatchesFail_GoesOnCountsThemAndSaysItOnce()
    {
        var log = new RecordedLog();
        await using var cache = Cached.New(log: log);

        var sum = await cache.WarmUpAsync(
            Keys(100), (keys, _) => keys.Contains("5") || keys.Contains("95") ? throw new IOException("down") : Numbers(keys), new() { BatchSize = 10 });

        Assert.Equal(new CacheWarmUpProgress(80, 20), sum);
        Assert.Single(log.Lines);
    }

    [Fact]
    public async Task WarmUpAsync_Parallelism_IsTheMostFactoryCallsAtATime()
    {
        await using var cache = Cached.New();
        var (now, most) = (0, 0);

        await cache.WarmUpAsync(
            Keys(100),
            async (keys, c) =>
            {
                var running = Interlocked.Increment(ref now);
                InterlockedMax(ref most, running);
                await Task.Yield();
                Interlocked.Decrement(ref now);
                return await Numbers(keys);
            },
            new() { BatchSize = 5, Parallelism = 3 });

        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task WarmUpAsync_StoppedOrBadSettings_Throws()
    {
        await using var cache = Cached.New();
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cache.WarmUpAsync(
            Keys(1000),
            (keys, _) =>
            {
                stop.Cancel();
                return Numbers(keys);
            },
            cancellationToken: stop.Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => cache.WarmUpAsync(Keys(1), (k, _) => Numbers(k), new() { BatchSize = 1001 }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => cache.WarmUpAsync(Keys(1), (k, _) => Numbers(k), new() { Parallelism = 0 }));
    }

    private static IAsyncEnumerable<string> Keys(int count) => Enumerable.Range(0, count).Select(i => $"{i}").ToAsyncEnumerable();

    private static ValueTask<IReadOnlyDictionary<string, int>> Numbers(IReadOnlyList<string> keys) =>
        new(keys.ToDictionary(k => k, k => int.Parse(k, System.Globalization.CultureInfo.InvariantCulture)));

    private static void InterlockedMax(ref int most, int value)
    {
        var seen = Volatile.Read(ref most);
        while (value > seen && Interlocked.CompareExchange(ref most, value, seen) != seen)
            seen = Volatile.Read(ref most);
    }

    private sealed class Told : IProgress<CacheWarmUpProgress>
    {
        public List<CacheWarmUpProgress> All { get; } = [];

        public void Report(CacheWarmUpProgress value) => All.Add(value);
    }
}
