using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class MemoryCacheStoreTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void Set_FullStore_TakesTheNewEntryAndStaysWithin(int limit)
    {
        using var store = new MemoryCacheStore(limit, new MonotonicClock(TimeProvider.System));
        for (var i = 0; i < limit * 5; i++)
        {
            var entry = Entry(i);
            store.Set($"k{i}", entry, TimeSpan.FromMinutes(1));
            Assert.True(store.TryGet($"k{i}", out var found) && ReferenceEquals(entry, found), $"entry {i}");
            Assert.InRange(store.Count, 1, limit);
        }
    }

    [Fact]
    public void TryGet_StringOrSpan_FindsTheSame()
    {
        using var store = new MemoryCacheStore(10, new MonotonicClock(TimeProvider.System));
        store.Set("k", Entry(1), TimeSpan.FromMinutes(1));

        Assert.True(store.TryGet("xk".AsSpan(1), out var bySpan));
        Assert.True(store.TryGet("k", out var byString));
        Assert.Same(byString, bySpan);
        store.Remove("k");
        Assert.False(store.TryGet("k", out _));
    }

    [Fact]
    public void TryGet_LifetimeOver_IsGone()
    {
        var time = new ManualTimeProvider();
        var clock = new MonotonicClock(time);
        using var store = new MemoryCacheStore(10, clock);
        store.Set("k", Entry(1), TimeSpan.FromMinutes(1));
        store.Set("long", Entry(1), TimeSpan.MaxValue);
        time.Advance(TimeSpan.FromMinutes(1));
        clock.Refresh();

        Assert.False(store.TryGet("k", out _));
        Assert.True(store.TryGet("long", out _));
        store.Clear();
        Assert.Equal(0, store.Count);
    }

    private static LocalEntry<int> Entry(int value) => new(value) { Version = 0, Generation = 0, ExpiresAt = 0, StaleUntil = 0, Tags = [] };
}
