namespace ScaleKit.Caching.Tests;

public sealed class LocalLevelTests
{
    private readonly CacheVersions _versions = new(capacity: 1024);
    private readonly LocalLevel _level;

    public LocalLevelTests()
    {
        _versions.Resume(new InvalidationPosition(1, 0));
        _level = new LocalLevel(Stores.S3Fifo(), _versions);
    }

    [Fact]
    public void TryPublish_NewerEntryThere_KeepsIt()
    {
        Assert.True(Publish(5, "newer"));
        Assert.False(Publish(4, "older"));
        Assert.Equal("newer", ((LocalEntry<string>)_level.Find("k")!).GetValue());
        Assert.True(Publish(5, "equal"));
    }

    [Fact]
    public async Task FindAfterVoid_FillsPublishAtTheSameTime_NeverReturnsAnOlderEntry()
    {
        // The interleaving: a fill passes the check, the key is voided and removed, the fill stores. The lock of the key group closes that gap.
        var sequence = 0L;
        using var done = new CancellationTokenSource();
        var publishers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
                Publish(Volatile.Read(ref sequence), "v");
        })).ToArray();

        for (var i = 0; i < 20_000; i++)
        {
            var voided = Interlocked.Increment(ref sequence);
            _level.Void("k", voided);
            Assert.True(_level.Find("k") is not { } found || found.Version >= voided, $"an entry older than {voided} is there");
        }

        await done.CancelAsync();
        await Task.WhenAll(publishers);
    }

    [Fact]
    public void Dispose_ThenPublish_StoresNothingAndDoesNotThrow()
    {
        _level.Dispose();

        Assert.False(Publish(5, "late"));
        _level.Void("k", 6);
        _level.Clear();
    }

    private bool Publish(long version, string value) =>
        _level.TryPublish(
            "k",
            new LocalEntry<string>(value) { Version = version, Generation = 0, Tags = [], ExpiresAt = long.MaxValue, StaleUntil = long.MaxValue },
            TimeSpan.FromMinutes(1),
            _versions.Current with { Position = new InvalidationPosition(1, version) });
}
