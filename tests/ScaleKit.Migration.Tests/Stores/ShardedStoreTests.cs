using ScaleKit.Sharding;

namespace ScaleKit.Migration.Tests;

/// <summary>The contract over four real SQLite files, and what only a sharded store does.</summary>
public sealed class ShardedStoreTests : VersionedStoreContract
{
    private readonly TestFiles _files = new();
    private readonly List<SqlStore<string, string>> _shards = [];

    public override async Task DisposeAsync()
    {
        foreach (var shard in _shards)
        {
            await shard.DisposeAsync();
        }

        _files.Dispose();
    }

    [Fact]
    public async Task WriteAsync_KeysOfOneRoom_OneShard()
    {
        for (var room = 0; room < 12; room++)
        {
            for (var message = 0; message < 3; message++)
            {
                await Store.WriteAsync(new($"room{room}/{message:D12}", "m", 1));
            }
        }

        var perShard = new List<string>();
        foreach (var shard in _shards)
        {
            var page = await shard.ScanAsync(new ScanRequest<string>());
            perShard.AddRange(page.Entries.Select(e => e.Key.Split('/')[0]).Distinct(StringComparer.Ordinal));
            Assert.NotEmpty(page.Entries);
        }

        Assert.Equal(12, perShard.Count);
    }

    [Fact]
    public async Task ScanAsync_WithinOneRoom_AsksOneShardOnly()
    {
        await Store.WriteAsync(new("lobby/000000000001", "hello", 1));
        var asked = 0;
        foreach (var shard in _shards)
        {
            asked += (await shard.CountAsync(default)) == 0 ? 0 : 1;
        }

        Assert.Equal(1, asked);
        var others = _shards.Where(s => s.CountAsync(default).AsTask().Result == 0).ToList();
        foreach (var shard in others)
        {
            // A disposed shard throws when it is asked.
            await shard.DisposeAsync();
        }

        var page = await Store.ScanAsync(new ScanRequest<string> { Range = KeyRange.Prefix("lobby/"), Descending = true, Limit = 50 });
        var next = await Store.ScanAsync(new ScanRequest<string> { Range = KeyRange.Prefix("lobby/"), Descending = true }.After("lobby/000000000001"));
        Assert.Equal("hello", Assert.Single(page.Entries).Value);
        Assert.Empty(next.Entries);
        await Assert.ThrowsAnyAsync<ObjectDisposedException>(async () => await Store.ScanAsync(new ScanRequest<string>()));
    }

    [Theory]
    [InlineData("a/", "a0", "a")]
    [InlineData("a/5", "a/7", "a")]
    [InlineData("a/5", "a0", "a")]
    [InlineData("a/", "b/", null)]
    [InlineData("a", "a0", null)]
    public void RoutingBefore_Range_OneRoomOnlyWhenWhollyInside(string lower, string upper, string? room) =>
        Assert.Equal(room, ShardRouting.Before('/').OfRange(KeyRange.Between(lower, upper)));

    [Fact]
    public async Task FenceAsync_RaisesEveryShard()
    {
        await Store.FenceAsync(4);

        foreach (var shard in _shards)
        {
            Assert.Equal(4, await shard.FenceAsync(0));
        }
    }

    [Fact]
    public void Equals_OtherPlacement_TwoStores()
    {
        Assert.Equal(Store, Over(_shards, ShardRouting.Before('/')));
        Assert.NotEqual(Store, Over(_shards, ShardRouting.Before(':')));
        Assert.NotEqual(Store, Over(_shards[..3], ShardRouting.Before('/')));
        Assert.NotEqual(Store, Over(Enumerable.Reverse(_shards), ShardRouting.Before('/')));
        Assert.NotEqual(Store, Over(_shards, ShardRouting.Before('/'), weightOfTheFirst: 3));
    }

    protected override Task<IVersionedStore<string, string>> CreateAsync()
    {
        _shards.AddRange(Enumerable.Range(0, 4).Select(i => _files.Store($"shard{i}")));
        return Task.FromResult(Over(_shards, ShardRouting.Before('/')));
    }

    protected override IVersionedStore<string, string> CreateTwin()
    {
        var again = Enumerable.Range(0, 4).Select(i => _files.Store($"shard{i}")).ToList();
        _shards.AddRange(again);
        return Over(again, ShardRouting.Before('/'));
    }

    private static IVersionedStore<string, string> Over(IEnumerable<SqlStore<string, string>> stores, ShardRouting<string> routing, double weightOfTheFirst = 1)
    {
        var shards = stores.Select((store, i) => new Shard<IVersionedStore<string, string>>($"shard{i}", store, i == 0 ? weightOfTheFirst : 1));
        return new ShardedStore<string, string>(new ShardRouter<IVersionedStore<string, string>>(SlotTopology.Create(shards)), routing);
    }
}
