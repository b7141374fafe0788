namespace ScaleKit.Caching.Tests;

public sealed class ClearMarkTests
{
    private readonly MemoryStore _store = new();
    private readonly CacheVersions _versions = new(16);

    [Fact]
    public async Task ReadAsync_AgainAndAgain_AsksTheStoreOnceUntilAClearIsHeardOf()
    {
        var asked = 0;
        _store.BeforeRead = _ =>
        {
            asked++;
            return Task.CompletedTask;
        };
        _versions.Resume(new InvalidationPosition(1, 0));
        var mark = new ClearMark(_store, "c", _versions);

        Assert.Equal(0, await mark.ReadAsync(default));
        Assert.Equal(0, await mark.ReadAsync(default));
        Assert.Equal(1, asked);
        await mark.ChangeAsync(default);
        _versions.VoidTags(["*"], 1);

        var changed = await mark.ReadAsync(default);
        Assert.True(changed > 0);
        Assert.Equal(changed, await new ClearMark(_store, "c", _versions).ReadAsync(default));
        Assert.Equal(0, await new ClearMark(_store, "other", _versions).ReadAsync(default));
    }

    [Fact]
    public async Task ReadAsync_StoreFailsOrHoldsNonsense_IsUnknown()
    {
        var mark = new ClearMark(_store, "c", _versions);
        _store.BeforeRead = _ => throw new IOException("down");
        Assert.Equal(ClearMark.Unknown, await mark.ReadAsync(default));

        _store.BeforeRead = null;
        Assert.Equal(0, await mark.ReadAsync(default));
        _store.Values["c#cleared"] = [1, 2, 3];
        Assert.Equal(ClearMark.Unknown, await new ClearMark(_store, "c", _versions).ReadAsync(default));
    }
}
