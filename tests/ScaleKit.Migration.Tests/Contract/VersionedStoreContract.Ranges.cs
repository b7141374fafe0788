namespace ScaleKit.Migration.Tests;

// Scans, digests, and the outbox.
public abstract partial class VersionedStoreContract
{
    [Fact]
    public async Task ScanAsync_PageByPage_EachLiveRowOnceInOrder()
    {
        for (var i = 0; i < 25; i++)
        {
            await PutAsync($"room/{i:D4}", $"{i}");
        }

        await DeleteAsync("room/0007");
        var expected = Enumerable.Range(0, 25).Where(i => i != 7).Select(i => $"room/{i:D4}").ToList();

        Assert.Equal(expected, await KeysAsync(new ScanRequest<string> { Limit = 7 }));
        expected.Reverse();
        Assert.Equal(expected, await KeysAsync(new ScanRequest<string> { Limit = 7, Descending = true }));
        Assert.Contains("room/0007", await KeysAsync(new ScanRequest<string> { Limit = 7, IncludeTombstones = true }));
    }

    [Fact]
    public async Task ScanAsync_Ranges_BoundsAreExact()
    {
        foreach (var key in (string[])["a", "b", "b/1", "b/2", "b0", "c"])
        {
            await PutAsync(key, key);
        }

        Assert.Equal(["b/1", "b/2"], await KeysAsync(new ScanRequest<string> { Range = KeyRange.Prefix("b/") }));
        Assert.Equal(["b", "b/1", "b/2", "b0"], await KeysAsync(new ScanRequest<string> { Range = KeyRange.Between("b", "c") }));
        Assert.Equal(["b0", "c"], await KeysAsync(new ScanRequest<string> { Range = KeyRange.From("b0") }));
        Assert.Equal(["b", "a"], await KeysAsync(new ScanRequest<string> { Range = KeyRange.Until("b/1"), Descending = true }));
        Assert.Equal(["c"], await KeysAsync(new ScanRequest<string> { Range = KeyRange.All<string>().After("b0") }));
        Assert.Empty(await KeysAsync(new ScanRequest<string> { Range = KeyRange.Between("x", "y") }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task ChunkAsync_OneAfterAnother_TheRangeOnceAndNoneTooLong(int rows)
    {
        for (var i = 0; i < 25; i++)
        {
            await PutAsync($"room{i % 5}/{i:D4}", $"{i}");
        }

        await DeleteAsync("room2/0007");
        var (rest, keys) = (KeyRange.From("room1/"), new List<string>());
        while (true)
        {
            var chunk = await Store.ChunkAsync(rest, rows);
            var page = await Store.ScanAsync(new ScanRequest<string> { Range = chunk, IncludeTombstones = true });
            Assert.True(page.Entries.Count <= Math.Max(rows, 4), $"{page.Entries.Count} rows in a chunk of {rows}.");
            keys.AddRange(page.Entries.Select(static e => e.Key));
            if (chunk == rest)
            {
                break;
            }

            Assert.NotEmpty(page.Entries);
            rest = rest.After(chunk.Upper!);
        }

        Assert.Equal(await KeysAsync(new ScanRequest<string> { Range = KeyRange.From("room1/"), IncludeTombstones = true }), keys);
    }

    [Fact]
    public async Task ScanAsync_ForeignText_CodePointOrder()
    {
        // UTF-16 order would put the emoji (a surrogate pair) before U+FF01.
        string[] keys = ["", "Z", "a", "é", "\uFF01", "😀"];
        foreach (var key in keys.Reverse())
        {
            await PutAsync(key, "v");
        }

        Assert.Equal(keys, await KeysAsync(new ScanRequest<string> { Limit = 2 }));
        Assert.Equal(keys, keys.Order(Store.Keys.Order));
    }

    [Fact]
    public async Task Outbox_PeekAndAcknowledge_OldestFirstAndGoneOnlyWhenAcknowledged()
    {
        await PutAsync("a", "1", outbox: true);
        await PutAsync("b", "1");
        await PutAsync("a", "2", outbox: true);
        await DeleteAsync("a", outbox: true);

        var peeked = await Store.PeekOutboxAsync(100);
        Assert.Equal([new(1, 1), new RowVersion(1, 2), new(1, 3)], peeked.Select(e => e.Version));
        Assert.All(peeked, e => Assert.Equal("a", e.Key));
        Assert.Equal(3, (await Store.GetOutboxStatusAsync()).Pending);

        await Store.AcknowledgeOutboxAsync([peeked[0], peeked[1]]);
        await Store.AcknowledgeOutboxAsync([peeked[0]]);
        Assert.Equal(peeked[2], Assert.Single(await Store.PeekOutboxAsync(100)));
    }

    [Fact]
    public async Task GetOutboxStatusAsync_DrainedWhileOthersCome_HasDrainedSince()
    {
        var first = await PutAsync("a", "1", outbox: true);
        var mark = await Store.GetOutboxStatusAsync();
        Assert.False(mark.HasDrainedSince(mark));

        var second = await PutAsync("a", "2", outbox: true);
        Assert.True(second.OutboxSequence > first.OutboxSequence);
        await Store.AcknowledgeOutboxAsync([new("a", first.Version, first.OutboxSequence)]);
        var now = await Store.GetOutboxStatusAsync();
        Assert.True(now.HasDrainedSince(mark));
        Assert.False(now.HasDrainedSince(now));

        await Store.AcknowledgeOutboxAsync([new("a", second.Version, second.OutboxSequence)]);
        var empty = await Store.GetOutboxStatusAsync();
        var third = await PutAsync("a", "3", outbox: true);
        Assert.True(third.OutboxSequence > second.OutboxSequence);
        Assert.False((await Store.GetOutboxStatusAsync()).HasDrainedSince(await Store.GetOutboxStatusAsync()));
        Assert.True((await Store.GetOutboxStatusAsync()).HasDrainedSince(empty));
    }

    [Fact]
    public async Task DigestAsync_SameRows_SameDigestWhateverTheOrder()
    {
        var other = new InMemoryStore<string, string>(values: ValueFormat.Text);
        for (var i = 0; i < 10; i++)
        {
            await PutAsync($"r/{i}", $"value {i}");
            await other.WriteAsync(new($"r/{9 - i}", $"value {9 - i}", 1));
        }

        await PutAsync("gone", "1");
        await DeleteAsync("gone");
        Assert.Equal(await other.DigestAsync(default), await Store.DigestAsync(default));
        Assert.Equal(10, (await Store.DigestAsync(KeyRange.Prefix("r/"))).Rows);
        Assert.Equal(11, await Store.CountAsync(default));

        await Store.ApplyIfNewerAsync(new("r/3", VersionedValue.Live("changed", new(2, 1))));
        Assert.NotEqual(await other.DigestAsync(default), await Store.DigestAsync(default));
    }

    private async Task<List<string>> KeysAsync(ScanRequest<string> request)
    {
        var keys = new List<string>();
        while (true)
        {
            var page = await Store.ScanAsync(request);
            Assert.True(page.Entries.Count <= request.Limit);
            keys.AddRange(page.Entries.Select(e => e.Key));
            if (!page.HasMore)
            {
                return keys;
            }

            request = request.After(page.Entries[^1].Key);
        }
    }
}
