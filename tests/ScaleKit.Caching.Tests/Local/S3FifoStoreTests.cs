using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class S3FifoStoreTests
{
    [Fact]
    public void Set_AScanOfKeysUsedOnce_LeavesWhatIsInUse()
    {
        using var store = Stores.S3Fifo(1_000);
        Set(store, "hot", 900);
        Use(store, "hot", 900, times: 2);

        Set(store, "scan", 100_000);

        Assert.Equal(900, Held(store, "hot", 900));
    }

    [Fact]
    public void Set_KeyThatWasEvictedShortlyBefore_GoesStraightToTheMainQueue()
    {
        using var store = Stores.S3Fifo(100);
        Set(store, "k", 101);
        Assert.Null(store.Find("k0"));
        var small = store.Find("k50")!.Queue;

        store.Set("k0", Stores.Entry(0), Stores.Minute);
        store.Set("never", Stores.Entry(0), Stores.Minute);

        Assert.NotSame(small, store.Find("k0")!.Queue);
        Assert.Same(small, store.Find("never")!.Queue);
        Set(store, "scan", 1_000);
        Assert.NotNull(store.Find("k0"));
    }

    [Fact]
    public void Set_EveryEntryInUse_GivesUpAfterItsPatienceAndNotAfterThemAll()
    {
        const int Limit = 10_000;
        using var store = Stores.S3Fifo(Limit);
        Set(store, "k", Limit);
        Use(store, "k", Limit, times: 2);
        store.Set("first", Stores.Entry(0), Stores.Minute);
        var main = store.Find("k9000")!.Queue!;
        Use(store, "k", Limit, times: 3);

        store.Remove("first");
        store.Set("a", Stores.Entry(0), Stores.Minute);
        store.Set("b", Stores.Entry(0), Stores.Minute);

        // Each second chance costs the entry a hit: what is below the maximum was looked at.
        var lookedAt = 0;
        for (var entry = main.Oldest; entry is not null; entry = entry.Newer)
            lookedAt += entry.Frequency < S3FifoStore.MaximumFrequency ? 1 : 0;
        Assert.InRange(lookedAt, 1, 2 * S3FifoStore.Patience);
        Assert.Equal(Limit, store.Count);
    }

    [Fact]
    public void Set_FullOfExpiredEntries_EvictsThemBeforeLiveOnesHoweverOftenTheyWereHit()
    {
        var time = new ManualTimeProvider();
        using var store = Stores.S3Fifo(100, time: time);
        for (var i = 0; i < 50; i++)
            store.Set($"old{i}", Stores.Entry(i), TimeSpan.FromSeconds(1));
        Use(store, "old", 50, times: 3);
        Set(store, "live", 50);
        time.Advance(TimeSpan.FromSeconds(1));

        Set(store, "new", 50);

        Assert.Equal((0, 50, 50), (Held(store, "old", 50), Held(store, "live", 50), Held(store, "new", 50)));
    }

    [Fact]
    public void Set_KeyIsThere_KeepsItsFrequencyAndItsQueue()
    {
        using var store = Stores.S3Fifo(10);
        store.Set("k", Stores.Entry(1), Stores.Minute);
        store.Find("k");
        store.Find("k");
        var next = Stores.Entry(2);

        store.Set("k", next, Stores.Minute);

        Assert.Equal(2, next.Frequency);
        store.AssertWhole(["k"], new(10, long.MaxValue));
    }

    [Fact]
    public void Set_EntryThatIsInAStoreAlready_Throws()
    {
        // It is the node of its own queue: in two places at once it would tear both.
        using var store = Stores.S3Fifo();
        var entry = Stores.Entry(1);
        store.Set("a", entry, Stores.Minute);

        Assert.Throws<InvalidOperationException>(() => store.Set("b", entry, Stores.Minute));
    }

    [Fact]
    public void Find_OverAndOver_AllocatesNothingAndWritesOnlyUntilTheCounterIsFull()
    {
        using var store = Stores.S3Fifo();
        var entry = Stores.Entry(1);
        store.Set("user:1", entry, Stores.Minute);
        for (var i = 0; i < 300; i++)
        {
            Assert.Same(entry, store.Find("user:1"));
            Assert.Equal(Math.Min(i + 1, S3FifoStore.MaximumFrequency), entry.Frequency);
        }

        var bytes = Allocated.By(() =>
        {
            store.Find("user:1");
            store.Find("user:12".AsSpan(0, 6));
            store.Find("user:none".AsSpan());
        });
        Assert.Equal(0, bytes);
    }

    [Fact]
    public async Task Set_KeysOfOneHash_StaysFast()
    {
        // Without a randomized hash each of these keys lands in one chain: 2 * 10^10 comparisons, minutes instead of less than a second.
        using var store = Stores.S3Fifo(200_000);
        var flood = Task.Run(() =>
        {
            foreach (var key in CollidingKeys(200_000))
            {
                store.Set(key, Stores.Entry(0), Stores.Minute);
                Assert.NotNull(store.Find(key.AsSpan()));
            }
        });

        await flood.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(200_000, store.Count);
    }

    /// <summary>
    /// Keys of equal fixed-seed hash. That hash folds pairs of characters into two sums, h1 = (rotl(h1, 5) + h1) ^ pair, h2 likewise: whatever the first pair of a sum
    /// is, the second one can be chosen to lead to the same value.
    /// </summary>
    private static IEnumerable<string> CollidingKeys(int count)
    {
        const uint Start = (5381 << 16) + 5381;
        const uint Goal = 0x00410041;
        for (uint i = 0, found = 0; found < count; i++)
        {
            var first = ((i & 0xFFF) + 0x100) | ((((i >> 12) & 0xFFF) + 0x100) << 16);
            var second = Goal ^ Fold(Fold(Start) ^ first);
            if (IsSurrogate(second) || IsSurrogate(second >> 16))
                continue;
            found++;
            yield return string.Concat(Pair(first), Pair(0x00420042), Pair(second), Pair(0x00420042));
        }

        static uint Fold(uint sum) => System.Numerics.BitOperations.RotateLeft(sum, 5) + sum;
        static bool IsSurrogate(uint pair) => (pair & 0xF800) == 0xD800 || (pair & 0xFFFF) == 0;
        static string Pair(uint pair) => new([(char)pair, (char)(pair >> 16)]);
    }

    private static void Set(S3FifoStore store, string prefix, int count)
    {
        for (var i = 0; i < count; i++)
            store.Set($"{prefix}{i}", Stores.Entry(i), Stores.Minute);
    }

    private static void Use(S3FifoStore store, string prefix, int count, int times)
    {
        for (var i = 0; i < count * times; i++)
            store.Find($"{prefix}{i % count}");
    }

    private static int Held(S3FifoStore store, string prefix, int count) => Enumerable.Range(0, count).Count(i => store.Find($"{prefix}{i}") is not null);
}
