using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

/// <summary>What every local store promises, for each of them.</summary>
public sealed class LocalStoreContractTests
{
    public static TheoryData<LocalStoreKind> Kinds() => [LocalStoreKind.S3Fifo, LocalStoreKind.MemoryCache];

    public static TheoryData<LocalStoreKind, int> KindsAndLimits()
    {
        var data = new TheoryData<LocalStoreKind, int>();
        foreach (var kind in Enum.GetValues<LocalStoreKind>())
        {
            foreach (var limit in new[] { 1, 2, 3, 10, 100 })
                data.Add(kind, limit);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(KindsAndLimits))]
    public void Set_FullStore_TakesTheNewEntryAndStaysWithin(LocalStoreKind kind, int limit)
    {
        using var store = Stores.New(kind, limit);
        for (var i = 0; i < limit * 5; i++)
        {
            var entry = Stores.Entry(i);
            store.Set($"k{i}", entry, Stores.Minute);

            // Hits on all that is there: even a store full of entries in use takes the new one.
            for (var hit = 0; hit < 4; hit++)
            {
                for (var j = 0; j < i; j++)
                    store.Find($"k{j}");
            }

            Assert.Same(entry, store.Find($"k{i}"));
            Assert.InRange(store.Count, 1, limit);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Set_BytesFull_TakesTheNewEntryAndStaysWithin(LocalStoreKind kind)
    {
        const int Limit = 100_000;
        using var store = Stores.New(kind, bytes: Limit);
        for (var i = 0; i < 500; i++)
        {
            var entry = Stores.EntryOf((i * 7919) % 20_000);
            store.Set($"k{i % 120}", entry, Stores.Minute);

            Assert.Same(entry, store.Find($"k{i % 120}"));
            Assert.InRange(store.Bytes, 1, Limit);
        }

        Assert.True(store.Count > 3);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Set_EntryLargerThanTheLimit_IsNotKeptAndEvictsOnlyItsOwnPast(LocalStoreKind kind)
    {
        using var store = Stores.New(kind, bytes: 100_000);
        store.Set("k", Stores.Entry(1), Stores.Minute);
        store.Set("other", Stores.Entry(1), Stores.Minute);

        store.Set("k", Stores.EntryOf(100_000), Stores.Minute);

        Assert.Null(store.Find("k"));
        Assert.NotNull(store.Find("other"));
        Assert.Equal(1, store.Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Find_StringOrSpan_FindsTheSame(LocalStoreKind kind)
    {
        using var store = Stores.New(kind);
        store.Set("ä😀", Stores.Entry(1), Stores.Minute);

        Assert.NotNull(store.Find("ä😀"));
        Assert.Same(store.Find("ä😀"), store.Find("xä😀".AsSpan(1)));
        Assert.Null(store.Find("ä".AsSpan()));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Set_KeyIsThere_ReplacesTheEntry(LocalStoreKind kind)
    {
        using var store = Stores.New(kind, entries: 2);
        store.Set("other", Stores.Entry(0), Stores.Minute);
        for (var i = 0; i < 10; i++)
        {
            var entry = Stores.EntryOf(i * 10);
            store.Set("k", entry, Stores.Minute);
            Assert.Same(entry, store.Find("k"));
        }

        Assert.NotNull(store.Find("other"));
        Assert.Equal(2, store.Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void RemoveAndClear_LeaveNothing(LocalStoreKind kind)
    {
        using var store = Stores.New(kind);
        foreach (var key in new[] { "a", "b", "c" })
            store.Set(key, Stores.Entry(1), Stores.Minute);

        store.Remove("b");
        store.Remove("b");
        store.Remove("never");
        Assert.Null(store.Find("b"));
        Assert.Equal(2, store.Count);
        store.Clear();

        Assert.Null(store.Find("a"));
        Assert.Equal((0, 0), (store.Count, store.Bytes));
        store.Set("a", Stores.Entry(2), Stores.Minute);
        Assert.Equal(1, store.Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Timer_LifetimesOver_DropsThemWithoutALookUp(LocalStoreKind kind)
    {
        var time = new ManualTimeProvider();
        using var store = Stores.New(kind, time: time);
        for (var i = 0; i < 50; i++)
            store.Set($"k{i}", Stores.Entry(i), TimeSpan.FromSeconds(i + 1));
        store.Set("long", Stores.Entry(1), TimeSpan.MaxValue);

        time.Advance(StoreSweeper.Period);

        Assert.Equal(21, store.Count);
        time.Advance(StoreSweeper.Period);
        Assert.Equal(1, store.Count);
        Assert.NotNull(store.Find("long"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Dispose_AnyTime_EndsTheTimer(LocalStoreKind kind)
    {
        var time = new ManualTimeProvider();
        var store = Stores.New(kind, time: time);
        Assert.Equal(1, time.ArmedTimers);

        store.Dispose();

        Assert.Equal(0, time.ArmedTimers);
    }
}
