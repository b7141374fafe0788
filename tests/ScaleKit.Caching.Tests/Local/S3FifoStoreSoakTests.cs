namespace ScaleKit.Caching.Tests;

/// <summary>Threads against each other; every run ends in the check that the store is whole.</summary>
public sealed class S3FifoStoreSoakTests
{
    private static readonly LocalLimits Limits = new(500, 200_000);

    [Fact]
    public async Task AnyOperations_TwoThreadsAMillionEach_EndInAWholeStore()
    {
        const int Keys = 2_000;
        using var store = Stores.S3Fifo(Limits.Entries, Limits.Bytes);
        var names = Enumerable.Range(0, Keys).Select(i => $"k{i}").ToArray();
        var workers = Enumerable.Range(1, 2).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 1_000_000; i++)
            {
                var key = names[Math.Min(random.Next(Keys), random.Next(Keys))];
                switch (random.Next(100))
                {
                    case < 60:
                        Assert.True(store.Find(key) is not { } found || found.Key == key, "found under another key");
                        break;
                    case < 92:
                        store.Set(key, Stores.EntryOf(random.Next(600)), Stores.Minute);
                        break;
                    case < 99:
                        store.Remove(key);
                        break;
                    default:
                        if (i % 5_000 < 10)
                            store.Clear();
                        else if (i % 5_000 < 60)
                            store.Sweep();
                        break;
                }
            }
        })).ToArray();
        await Task.WhenAll(workers);

        store.AssertWhole(names, Limits);
    }

    [Fact]
    public async Task Set_KeyReplacedWhileOthersEvict_TheSuccessorIsNotEvictedInItsPlace()
    {
        // The interleaving: the queue's oldest node is the replaced entry, and evicting by its key takes the successor, which is not next at all. Here the small queue
        // is full of others between the replacement and the look-up, but never so full that the successor itself would be due.
        using var store = Stores.S3Fifo(100);
        using var done = new CancellationTokenSource();
        for (var i = 0; i < 100; i++)
            store.Set($"fill{i}", Stores.Entry(i), Stores.Minute);
        var budget = 0;
        var pusher = Task.Run(() =>
        {
            for (var i = 0; !done.IsCancellationRequested; i++)
            {
                if (Interlocked.Decrement(ref budget) >= 0)
                    store.Set($"other{i}", Stores.Entry(i), Stores.Minute);
            }
        });
        for (var i = 0; i < 20_000; i++)
        {
            var entry = Stores.Entry(i);
            store.Set("k", entry, Stores.Minute);
            Volatile.Write(ref budget, 5);
            Assert.Same(entry, store.Find("k"));
            if (i % 3 == 0)
                store.Remove("k");
        }

        await done.CancelAsync();
        await pusher;
    }

    [Fact]
    public async Task Count_WhileThreadsWrite_IsNeverAboveTheLimitByMoreThanTheWriters()
    {
        using var store = Stores.S3Fifo(50, 30_000);
        using var done = new CancellationTokenSource();
        var writers = Enumerable.Range(1, 2).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            while (!done.IsCancellationRequested)
                store.Set($"k{random.Next(400)}", Stores.EntryOf(random.Next(2_000)), Stores.Minute);
        })).ToArray();

        for (var i = 0; i < 200_000; i++)
        {
            Assert.InRange(store.Count, 0, 52);
            Assert.InRange(store.Bytes, 0, 30_000 + (2 * (2_000 + 512)));
        }

        await done.CancelAsync();
        await Task.WhenAll(writers);
    }

    [Fact]
    public async Task Find_KeyThatIsOnlyReplaced_IsNeverMissing()
    {
        // The interleaving: a replacement that takes the old entry out before the new one is in shows a hole to a reader, who would run a factory for it.
        using var store = Stores.S3Fifo(10);
        store.Set("k", Stores.Entry(0), Stores.Minute);
        using var done = new CancellationTokenSource();
        var writer = Task.Run(() =>
        {
            for (var i = 0; !done.IsCancellationRequested; i++)
                store.Set("k", Stores.EntryOf(i % 300), Stores.Minute);
        });

        for (var i = 0; i < 500_000; i++)
            Assert.NotNull(store.Find("k"));

        await done.CancelAsync();
        await writer;
    }
}
