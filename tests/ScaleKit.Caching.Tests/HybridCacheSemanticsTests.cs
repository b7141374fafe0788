using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching.Tests;

/// <summary>The contract of <see cref="HybridCacheEntryFlags"/>, of which other tests show single lines: all flags against all states, by a model of it.</summary>
public sealed class HybridCacheSemanticsTests
{
    private const HybridCacheEntryFlags Peek = HybridCacheEntryFlags.DisableUnderlyingData
        | HybridCacheEntryFlags.DisableLocalCacheWrite | HybridCacheEntryFlags.DisableDistributedCacheWrite;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task GetOrCreateAsync_EveryFlag_ReadsAndWritesAsTheContractSays(bool isInMemory, bool isInStore)
    {
        for (var bits = 0; bits < 64; bits++)
        {
            var flags = (HybridCacheEntryFlags)bits;
            await using var cache = Cached.New(new MemoryStore());
            if (isInStore)
                await cache.GetAsync("k", "store", With(HybridCacheEntryFlags.DisableLocalCache));
            if (isInMemory)
                await cache.GetAsync("k", "memory", With(HybridCacheEntryFlags.DisableDistributedCache));

            var value = await cache.GetAsync<string?>("k", "made", With(flags));
            var memory = await cache.GetAsync<string?>("k", "?", With(Peek | HybridCacheEntryFlags.DisableDistributedCacheRead));
            var store = await cache.GetAsync<string?>("k", "?", With(Peek | HybridCacheEntryFlags.DisableLocalCacheRead));

            Assert.Equal((flags, Model(flags, isInMemory, isInStore)), (flags, (value, memory, store)));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SetAsync_EveryFlag_WritesAsTheContractSaysAndLeavesNothingOld(bool hadValue)
    {
        for (var bits = 0; bits < 64; bits++)
        {
            var flags = (HybridCacheEntryFlags)bits;
            await using var cache = Cached.New(new MemoryStore());
            if (hadValue)
                await cache.SetAsync("k", "old");

            await cache.SetAsync("k", "set", With(flags));

            Assert.Equal(flags.HasFlag(HybridCacheEntryFlags.DisableLocalCacheWrite) ? null : "set", await cache.GetAsync<string?>("k", "?", With(Peek | HybridCacheEntryFlags.DisableDistributedCacheRead)));
            Assert.Equal(flags.HasFlag(HybridCacheEntryFlags.DisableDistributedCacheWrite) ? null : "set", await cache.GetAsync<string?>("k", "?", With(Peek | HybridCacheEntryFlags.DisableLocalCacheRead)));
        }
    }

    [Theory]
    [InlineData(null, null, 60, 60)]
    [InlineData(10, null, 10, 10)]
    [InlineData(null, 10, 60, 10)]
    [InlineData(20, 10, 20, 10)]
    [InlineData(10, 20, 10, 10)]
    public void EntryPlan_Expirations_InheritAsTheContractSays(int? expiration, int? local, int expected, int expectedLocal)
    {
        var options = new HybridCacheEntryOptions
        {
            Expiration = expiration is { } e ? TimeSpan.FromSeconds(e) : null,
            LocalCacheExpiration = local is { } l ? TimeSpan.FromSeconds(l) : null,
        };

        var plan = EntryPlan.Of(options, new() { Expiration = TimeSpan.FromSeconds(60) }, []);

        Assert.Equal((expected, expectedLocal), (plan.Expiration.TotalSeconds, plan.LocalExpiration.TotalSeconds));
    }

    private static (string? Value, string? Memory, string? Store) Model(HybridCacheEntryFlags flags, bool isInMemory, bool isInStore)
    {
        var (memory, store) = (isInMemory ? "memory" : null, isInStore ? "store" : null);
        if (isInMemory && !flags.HasFlag(HybridCacheEntryFlags.DisableLocalCacheRead))
            return (memory, memory, store);
        var writesLocal = !flags.HasFlag(HybridCacheEntryFlags.DisableLocalCacheWrite);
        if (isInStore && !flags.HasFlag(HybridCacheEntryFlags.DisableDistributedCacheRead))
            return (store, writesLocal ? store : memory, store);
        if (flags.HasFlag(HybridCacheEntryFlags.DisableUnderlyingData))
            return (null, memory, store);
        return ("made", writesLocal ? "made" : memory, flags.HasFlag(HybridCacheEntryFlags.DisableDistributedCacheWrite) ? store : "made");
    }

    private static HybridCacheEntryOptions With(HybridCacheEntryFlags flags) => new() { Flags = flags };
}
