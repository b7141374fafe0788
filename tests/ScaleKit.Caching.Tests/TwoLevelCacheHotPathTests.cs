using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching.Tests;

[Collection(nameof(Alone))]
public sealed class TwoLevelCacheHotPathTests
{
    private const int Calls = 1000;
    private const int MostRounds = 5000;

    [Fact]
    public async Task GetOrCreateAsync_HitInMemory_AllocatesNothingAndCompletesAtOnce()
    {
        await using var cache = Cached.New();
        await cache.SetAsync("user:12345", "value", tags: ["t"]);
        await cache.SetAsync("number", 5L);
        var options = new HybridCacheEntryOptions { Expiration = TimeSpan.FromMinutes(1) };

        AssertNothingAllocated(() => cache.GetOrCreateAsync("user:12345", 0, static (_, _) => ValueTask.FromResult("")).IsCompletedSuccessfully);
        AssertNothingAllocated(() => cache.GetOrCreateAsync("user:12345", 0, static (_, _) => ValueTask.FromResult(""), options).IsCompletedSuccessfully);
        AssertNothingAllocated(() => cache.GetOrCreateAsync("number", 0, static (_, _) => ValueTask.FromResult(0L)).IsCompletedSuccessfully);
        AssertNothingAllocated(() => cache.TryGetAsync<string>("user:12345").IsCompletedSuccessfully);
    }

    [Fact]
    public async Task GetOrCreateAsync_HitInMemoryBySpanOrInterpolation_MakesNoString()
    {
        await using var cache = Cached.New();
        await cache.SetAsync("user:12345", "value");
        var id = 12345;

        AssertNothingAllocated(() => cache.GetOrCreateAsync("user:12345?".AsSpan(0, 10), 0, static (_, _) => ValueTask.FromResult("")).IsCompletedSuccessfully);
        AssertNothingAllocated(() => cache.GetOrCreateAsync($"user:{id}", 0, static (_, _) => ValueTask.FromResult("")).IsCompletedSuccessfully);
    }

    private static void AssertNothingAllocated(Func<bool> call)
    {
        // Code that is not yet optimised may box what optimised code does not, and the runtime takes its time over it.
        long least = long.MaxValue;
        for (var round = 0; round < MostRounds && least > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Calls; i++)
                Assert.True(call());
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }
}
