namespace ScaleKit.Caching.Tests;

/// <summary>Alone: it measures the heap, which all tests share.</summary>
[Collection(nameof(EntrySizeTests))]
[CollectionDefinition(nameof(EntrySizeTests), DisableParallelization = true)]
public sealed class EntrySizeTests
{
    [Fact]
    public void Of_BytesStringsAndTags_IsCloseToWhatTheHeapHolds()
    {
        AssertClose(i => Stores.EntryOf(i % 2_000));
        AssertClose(i => Stores.Entry(new string('x', i % 500)));
        AssertClose(i => new LocalEntry<string>(new string('x', 10)) { Version = 0, Generation = 0, ExpiresAt = 0, StaleUntil = 0, Tags = [$"user:{i}", $"room:{i}"] });
        AssertClose(i => Stores.Entry(i));
    }

    [Fact]
    public void Of_SharedObject_CountsItsBytesWhereTheyAreKnown()
    {
        var known = Size(new LocalEntry<Badge>(new Badge("ann"), 5_000) { Version = 0, Generation = 0, ExpiresAt = 0, StaleUntil = 0, Tags = [] });
        var unknown = Size(Stores.Entry(new Badge("ann")));

        Assert.Equal(5_000 - EntrySize.UnknownObject, known - unknown);
        Assert.Equal(Size(Stores.Entry<Badge?>(null)), Size(Stores.Entry<string?>(null)));
        Assert.Equal(16, Size(Stores.Entry(Guid.Empty)) - Size(Stores.Entry<string?>(null)));

        static long Size(LocalEntry entry) => EntrySize.Of("k", entry);
    }

    private static void AssertClose(Func<int, LocalEntry> make)
    {
        const int Entries = 20_000;
        using var store = Stores.S3Fifo(Entries);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Entries * 2; i++)
            store.Set($"key:{i}", make(i), TimeSpan.FromHours(1));
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.Equal(Entries, store.Count);
        Assert.InRange(store.Bytes / (double)held, 0.8, 1.25);
        Assert.InRange(store.Bytes / (double)held, 0.8, 1.4);
    }
}
