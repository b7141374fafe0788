using System.Collections.Concurrent;

namespace ScaleKit.Caching.Tests;

/// <summary>
/// Random schedules on three nodes with a shared store and bus, and a checker: the truth only grows, every change is followed by an invalidation, and a read
/// that began after an invalidation returned must not see less than the truth had been then.
/// </summary>
public sealed class TwoLevelCacheScheduleTests
{
    private const int Keys = 3;

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(14, true)]
    [InlineData(15, true)]
    [InlineData(16, true)]
    [InlineData(17, true)]
    public async Task AnyOperations_OnThreeNodes_NeverServeAValueOlderThanAReturnedInvalidation(int seed, bool local)
    {
        var (store, bus) = (new MemoryStore(), new InProcessInvalidationBus(logCapacity: 64, tagCapacity: 16));
        store.BeforeRead = store.BeforeWrite = async _ => await Task.Yield();
        var nodes = Enumerable.Range(0, 3).Select(_ => Cached.New(store, bus, configure: o => o.TrackedInvalidations = 64)).ToArray();
        var truth = new long[Keys];
        var floor = new long[Keys];
        var violations = new ConcurrentQueue<string>();
        var options = local ? null : Cached.NoLocal;
        var writers = Enumerable.Range(0, Keys).Select(_ => new SemaphoreSlim(1)).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 6).Select(w => Task.Run(async () =>
        {
            var random = new Random((seed * 100) + w);
            for (var i = 0; i < 1500; i++)
            {
                var k = random.Next(Keys);
                var node = nodes[random.Next(nodes.Length)];
                if (random.Next(4) > 0)
                    await ReadAsync(node, k, options, truth, floor, violations);
                else
                    await ChangeAsync(node, k, random.Next(5), options, truth, floor, writers[k]);
            }
        })));

        Assert.Empty(violations);
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    private static async Task ReadAsync(
        TwoLevelCache node, int k, Microsoft.Extensions.Caching.Hybrid.HybridCacheEntryOptions? options, long[] truth, long[] floor, ConcurrentQueue<string> violations)
    {
        var least = Volatile.Read(ref floor[k]);
        var seen = await node.GetOrCreateAsync(
            $"k{k}",
            async _ =>
            {
                var value = Volatile.Read(ref truth[k]);
                await Task.Yield();
                return value;
            },
            options,
            ["all", $"t{k}"]);
        if (seen < least)
            violations.Enqueue($"k{k}: saw {seen} after {least} was confirmed");
    }

    private static async Task ChangeAsync(
        TwoLevelCache node, int k, int how, Microsoft.Extensions.Caching.Hybrid.HybridCacheEntryOptions? options, long[] truth, long[] floor, SemaphoreSlim writer)
    {
        // One writer per key at a time: a value may be set only while it is the truth. Readers, fills and the other keys race on.
        await writer.WaitAsync();
        try
        {
            var value = Interlocked.Increment(ref truth[k]);
            await (how switch
            {
                0 => node.RemoveAsync($"k{k}"),
                1 => node.RemoveByTagAsync($"t{k}"),
                2 => node.RemoveByTagAsync(["x", "all"]),
                3 => node.RemoveByTagAsync("*"),
                _ => node.SetAsync($"k{k}", value, options, ["all", $"t{k}"]),
            });
            Volatile.Write(ref floor[k], value);
        }
        finally
        {
            writer.Release();
        }
    }
}
