namespace ScaleKit.Migration.Tests;

/// <summary>What every versioned store must do. A store of your own passes this suite before it takes part in a migration.</summary>
public abstract partial class VersionedStoreContract : IAsyncLifetime
{
    private IVersionedStore<string, string>? _store;

    protected IVersionedStore<string, string> Store => _store!;

    public async Task InitializeAsync() => _store = await CreateAsync();

    public virtual Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task ReadAsync_NeverWritten_IsNothing()
    {
        var row = await Store.ReadAsync("nobody");

        Assert.False(row.Exists);
        Assert.False(row.IsDeleted);
        Assert.Equal(RowVersion.None, row.Version);
    }

    [Fact]
    public async Task WriteAsync_Twice_CounterRisesAndEpochIsTheCallers()
    {
        var first = await PutAsync("a", "1");
        var second = await PutAsync("a", "2", epoch: 3);

        Assert.Equal(new RowVersion(1, 1), first.Version);
        Assert.Equal(new RowVersion(3, 2), second.Version);
        Assert.Equal("2", (await Store.ReadAsync("a")).Value);
    }

    [Fact]
    public async Task WriteAsync_AfterDelete_CounterGoesOn()
    {
        await PutAsync("a", "1");
        var deleted = await DeleteAsync("a");
        var tombstone = await Store.ReadAsync("a");
        var again = await PutAsync("a", "2");

        Assert.Equal(new RowVersion(1, 2), deleted.Version);
        Assert.True(tombstone.IsDeleted);
        Assert.Null(tombstone.Value);
        Assert.Equal(new RowVersion(1, 3), again.Version);
    }

    [Fact]
    public async Task WriteAsync_DeleteOfNothing_NotFoundAndNoTombstone()
    {
        Assert.Equal(WriteStatus.NotFound, (await DeleteAsync("a")).Status);
        Assert.Equal(default, await Store.ReadAsync("a"));

        await PutAsync("a", "1");
        await DeleteAsync("a");
        Assert.Equal(WriteStatus.NotFound, (await DeleteAsync("a")).Status);
    }

    [Fact]
    public async Task WriteAsync_ExpectedVersion_WritesOnlyOnMatch()
    {
        var first = await PutAsync("a", "1");

        var matched = await PutAsync("a", "2", expected: first.Version);
        var late = await PutAsync("a", "3", expected: first.Version);
        var absent = await PutAsync("b", "3", expected: first.Version);

        Assert.True(matched.IsWritten);
        Assert.Equal(new WriteResult(WriteStatus.Conflict, matched.Version), late);
        Assert.Equal(WriteStatus.Conflict, absent.Status);
        Assert.Equal("2", (await Store.ReadAsync("a")).Value);
        Assert.Equal(default, await Store.ReadAsync("b"));
    }

    [Fact]
    public async Task WriteAsync_ExpectedNone_InsertsOnlyWhereNoLiveValueIs()
    {
        var inserted = await PutAsync("a", "1", expected: RowVersion.None);
        var refused = await PutAsync("a", "2", expected: RowVersion.None);
        await DeleteAsync("a");
        var overTombstone = await PutAsync("a", "3", expected: RowVersion.None);

        Assert.Equal(WriteStatus.Written, inserted.Status);
        Assert.Equal(WriteStatus.Conflict, refused.Status);
        Assert.Equal(new WriteResult(WriteStatus.Written, new(1, 3)), overTombstone);
    }

    [Fact]
    public async Task WriteAsync_DeleteWithExpectedVersion_DeletesOnlyOnMatch()
    {
        var first = await PutAsync("a", "1");
        var second = await PutAsync("a", "2");

        Assert.Equal(WriteStatus.Conflict, (await DeleteAsync("a", expected: first.Version)).Status);
        Assert.Equal(WriteStatus.Written, (await DeleteAsync("a", expected: second.Version)).Status);
    }

    [Fact]
    public async Task WriteAsync_Floor_VersionExceedsIt()
    {
        var put = await Store.WriteAsync(new("a", "1", 1) { Floor = new(1, 41), Expected = RowVersion.None });
        var tombstone = await Store.WriteAsync(new("b", null, 1) { Floor = new(1, 6), Expected = RowVersion.None, IsDelete = true });

        Assert.Equal(new RowVersion(1, 42), put.Version);
        Assert.Equal(new RowVersion(1, 7), tombstone.Version);
        Assert.True((await Store.ReadAsync("b")).IsDeleted);
    }

    [Fact]
    public async Task WriteAsync_BelowTheFence_RefusedAndNothingWritten()
    {
        await PutAsync("a", "1");
        Assert.Equal(2, await Store.FenceAsync(2));

        Assert.Equal(WriteStatus.Fenced, (await PutAsync("a", "2", outbox: true)).Status);
        Assert.Equal(WriteStatus.Fenced, (await PutAsync("new", "2")).Status);
        Assert.Equal(WriteStatus.Fenced, (await PutAsync("a", "2", expected: new(1, 1))).Status);
        Assert.Equal(WriteStatus.Fenced, (await DeleteAsync("a")).Status);
        Assert.Equal("1", (await Store.ReadAsync("a")).Value);
        Assert.Equal(0, (await Store.GetOutboxStatusAsync()).Pending);
        Assert.True((await PutAsync("a", "2", epoch: 2)).IsWritten);
    }

    [Fact]
    public async Task WriteAsync_RowOfANewerEpoch_Refused()
    {
        await Store.ApplyIfNewerAsync(new("a", VersionedValue.Live("9", new(5, 1))));

        Assert.Equal(WriteStatus.Fenced, (await PutAsync("a", "2", epoch: 4)).Status);
        Assert.Equal("9", (await Store.ReadAsync("a")).Value);
    }

    [Fact]
    public async Task FenceAsync_Lower_NeverFalls()
    {
        await Store.FenceAsync(5);

        Assert.Equal(5, await Store.FenceAsync(3));
        Assert.Equal(5, await Store.FenceAsync(0));
        Assert.Equal(7, await Store.FenceAsync(7));
    }

    [Fact]
    public async Task ApplyIfNewerAsync_OlderOrEqual_ChangesNothing()
    {
        Assert.True(await Store.ApplyIfNewerAsync(new("a", VersionedValue.Live("5", new(1, 5)))));

        Assert.False(await Store.ApplyIfNewerAsync(new("a", VersionedValue.Live("4", new(1, 4)))));
        Assert.False(await Store.ApplyIfNewerAsync(new("a", VersionedValue.Live("other", new(1, 5)))));
        Assert.Equal("5", (await Store.ReadAsync("a")).Value);
        Assert.True(await Store.ApplyIfNewerAsync(new("a", VersionedValue.Live("first of epoch 2", new(2, 1)))));
        Assert.True(await Store.ApplyIfNewerAsync(new("a", VersionedValue.Tombstone<string>(new(2, 2)))));
        Assert.False(await Store.ApplyIfNewerAsync(new("a", VersionedValue.Live("resurrected", new(2, 1)))));
        Assert.True((await Store.ReadAsync("a")).IsDeleted);
    }

    [Fact]
    public async Task ApplyManyIfNewerAsync_Mixed_CountsTheNewer()
    {
        await Store.ApplyIfNewerAsync(new("b", VersionedValue.Live("9", new(1, 9))));

        var newer = await Store.ApplyManyIfNewerAsync(
        [
            new("a", VersionedValue.Live("1", new(1, 1))),
            new("b", VersionedValue.Live("1", new(1, 1))),
            new("c", VersionedValue.Live("1", new(1, 1))),
        ]);

        Assert.Equal(2, newer);
        var rows = await Store.ReadManyAsync(["c", "b", "nobody", "a"]);
        Assert.Equal(["1", "9", null, "1"], rows.Select(r => r.Value));
        Assert.Equal(["c", "b", "nobody", "a"], rows.Select(r => r.Key));
    }

    [Fact]
    public async Task ApplyManyIfNewerAsync_OneKeyTwice_TheNewerOneStays()
    {
        await Store.ApplyManyIfNewerAsync([new("a", VersionedValue.Live("2", new(1, 2))), new("b", VersionedValue.Live("1", new(1, 1))), new("a", VersionedValue.Live("1", new(1, 1)))]);

        Assert.Equal(["2", "1"], (await Store.ReadManyAsync(["a", "b"])).Select(static r => r.Value));
    }

    [Fact]
    public async Task WriteAsync_ManyAtOnce_EachVersionOnce()
    {
        var versions = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () => (await PutAsync("hot", $"{i}", outbox: true)).Version)));

        Assert.Equal(Enumerable.Range(1, 200).Select(i => new RowVersion(1, i)), versions.Order());
        Assert.Equal(200, (await Store.GetOutboxStatusAsync()).Pending);
    }

    [Fact]
    public async Task ReadAsync_Cancelled_Throws() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.ReadAsync("a", new CancellationToken(canceled: true)));

    /// <summary>An empty store.</summary>
    protected abstract Task<IVersionedStore<string, string>> CreateAsync();

    /// <summary>Another object on the rows of <see cref="Store"/>, as a second registration by mistake would make; <see cref="Store"/> itself where the rows live in the object.</summary>
    protected abstract IVersionedStore<string, string> CreateTwin();

    private ValueTask<WriteResult> PutAsync(string key, string value, long epoch = 1, RowVersion? expected = null, bool outbox = false) =>
        Store.WriteAsync(new(key, value, epoch) { Expected = expected, Outbox = outbox });

    private ValueTask<WriteResult> DeleteAsync(string key, RowVersion? expected = null, bool outbox = false) =>
        Store.WriteAsync(new(key, null, 1) { IsDelete = true, Expected = expected, Outbox = outbox });
}
