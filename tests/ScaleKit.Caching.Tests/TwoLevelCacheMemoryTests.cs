using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

/// <summary>The memory level as the cache's user sees it.</summary>
public sealed class TwoLevelCacheMemoryTests
{
    public static TheoryData<LocalStoreKind> Kinds() => [LocalStoreKind.S3Fifo, LocalStoreKind.MemoryCache];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task GetOrCreateAsync_MoreBytesThanTheLimit_KeepsTheNewestAndTheGaugesStayWithin(LocalStoreKind kind)
    {
        const int Limit = 200_000;
        var name = $"bytes-{kind}";
        using var measured = new Measurements(name);
        await using var cache = Cached.New(configure: o => (o.Name, o.LocalStore, o.SizeLimitBytes, o.SizeLimit) = (name, kind, Limit, 1_000));
        for (var i = 0; i < 300; i++)
        {
            await cache.GetAsync($"k{i}", new byte[i * 37 % 2_000]);
            Assert.Equal(i * 37 % 2_000, (await cache.GetAsync($"k{i}", Array.Empty<byte>())).Length);
            var seen = measured.Observe();
            Assert.InRange(seen["scalekit.cache.size"], 1, Limit);
            Assert.InRange(seen["scalekit.cache.entries"], 1, 300);
        }

        var reason = kind == LocalStoreKind.S3Fifo ? "bytes" : "entries";
        await Eventually.HoldsAsync(() => measured[$"scalekit.cache.evictions/{reason}"] > 100, "evictions are counted");
        await cache.DisposeAsync();
        Assert.Empty(measured.Observe());
    }

    [Fact]
    public async Task AnyCall_EntriesLeave_AreCountedByReason()
    {
        const string Name = "evictions";
        var time = new ManualTimeProvider();
        using var measured = new Measurements(Name);
        await using var cache = Cached.New(time: time, configure: o => (o.Name, o.SizeLimit, o.SizeLimitBytes) = (Name, 10, 100_000));
        for (var i = 0; i < 15; i++)
            await cache.GetAsync($"k{i}", i);
        await cache.GetAsync("big", new byte[100_000]);
        await cache.RemoveAsync("k14");
        time.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal(5, measured["scalekit.cache.evictions/entries"]);
        Assert.Equal(1, measured["scalekit.cache.evictions/oversized"]);
        Assert.Equal(9, measured["scalekit.cache.evictions/expired"]);
        Assert.Equal(0, measured["scalekit.cache.evictions/bytes"]);
        Assert.Equal(0, measured.Observe()["scalekit.cache.entries"]);
    }

    [Fact]
    public async Task GetOrCreateAsync_AScanOverManyKeys_LeavesWhatIsInUse()
    {
        await using var cache = Cached.New(configure: o => o.SizeLimit = 1_000);
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 500; i++)
                await cache.GetAsync($"hot{i}", i);
        }

        for (var i = 0; i < 20_000; i++)
            await cache.GetAsync($"scan{i}", i);

        for (var i = 0; i < 500; i++)
            Assert.True((await cache.TryGetAsync<int>($"hot{i}")).IsFound, $"hot{i}");
    }

    [Fact]
    public async Task RemoveAndClear_AfterMuchUse_LeaveNothingBehindInMemory()
    {
        const string Name = "leak";
        using var measured = new Measurements(Name);
        await using var cache = Cached.New(configure: o => o.Name = Name);
        for (var i = 0; i < 100; i++)
            await cache.GetAsync($"k{i}", i);
        await cache.RemoveAsync(Enumerable.Range(0, 60).Select(i => $"k{i}"));
        Assert.Equal(40, measured.Observe()["scalekit.cache.entries"]);

        cache.IsEnabled = false;
        cache.IsEnabled = true;

        Assert.Equal(0, measured.Observe()["scalekit.cache.entries"]);
        Assert.Equal(0, measured.Observe()["scalekit.cache.size"]);
    }
}
