using ScaleKit.Caching;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Caching;

/// <summary>Nodes against each other on a server that is well: fills that race removals and sets, cold keys, clocks that disagree.</summary>
public sealed class RedisCacheRaceTests : IAsyncLifetime
{
    private RedisServer _server = null!;

    public async Task InitializeAsync() => _server = await RedisServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("remove", false)]
    [InlineData("remove", true)]
    [InlineData("set", false)]
    [InlineData("set", true)]
    [InlineData("tag", false)]
    [InlineData("clear", false)]
    public async Task Fill_InvalidatedOnAnotherNodeMeanwhile_IsStoredNowhere(string how, bool isDeaf)
    {
        await using var a = New();
        await using var b = New();
        var (reached, open) = (new TaskCompletionSource(), new TaskCompletionSource());
        var filling = a.Cache.GetOrCreateAsync(
            "k",
            async _ =>
            {
                reached.SetResult();
                await open.Task;
                return "old";
            },
            tags: ["t"]).AsTask();
        await reached.Task;

        // A node that hears nothing knows of the removal only by what becomes of its lease.
        a.Bus.IsDeaf = a.Bus.IsUnreadable = isDeaf;
        await (how switch
        {
            "remove" => b.Cache.RemoveAsync("k"),
            "set" => b.Cache.SetAsync("k", "new", tags: ["t"]),
            "tag" => b.Cache.RemoveByTagAsync("t"),
            _ => b.Cache.RemoveByTagAsync("*"),
        });
        if (!isDeaf)
            await Eventually.HoldsAsync(async () => await a.GetAsync("sign", "x", CacheNode.SharedOnly) == "x", "a runs");
        open.SetResult();
        Assert.Equal("old", await filling);

        await using var cold = New();
        Assert.NotEqual("old", (await cold.Cache.TryGetAsync<string>("k")).Value);
        Assert.Equal("new", await b.GetAsync("k", "new", null, "t"));
        Assert.Equal("new", await cold.GetAsync("k", "new", null, "t"));
        Assert.Equal("new", await a.GetAsync("k", "new", null, "t"));
    }

    [Fact]
    public async Task ColdKey_ThreeNodesAThousandCallersEach_OneFactoryCall()
    {
        var nodes = new[] { New(), New(), New() };
        foreach (var node in nodes)
            await node.GetAsync("warm", "x");
        var calls = 0;

        var all = nodes.SelectMany(n => Enumerable.Range(0, 1000).Select(_ => n.Cache.GetOrCreateAsync("cold", async ct =>
        {
            Interlocked.Increment(ref calls);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, ct);
            return "value";
        }).AsTask()));

        Assert.All(await Task.WhenAll(all), v => Assert.Equal("value", v));
        Assert.Equal(1, calls);
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    [Fact]
    public async Task Factory_LongerThanItsLease_KeepsItByRenewal()
    {
        await using var a = New(o => o.FillLease = TimeSpan.FromSeconds(4));
        await using var b = New(o => o.FillLease = TimeSpan.FromSeconds(4));
        var (calls, open) = (0, new TaskCompletionSource());
        async ValueTask<string> MakeAsync()
        {
            Interlocked.Increment(ref calls);
            await open.Task;
            return "value";
        }

        var one = a.Cache.GetOrCreateAsync("k", _ => MakeAsync()).AsTask();
        await Eventually.HoldsAsync(() => calls == 1, "the factory runs");
        var two = b.Cache.GetOrCreateAsync("k", _ => MakeAsync()).AsTask();
        await Task.WhenAny(two, Task.Delay(TimeSpan.FromSeconds(6), TimeProvider.System));
        open.SetResult();

        Assert.Equal(["value", "value"], await Task.WhenAll(one, two));
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Factory_Fails_TheWaitingNodeRunsItsOwn()
    {
        await using var a = New();
        await using var b = New();
        var (reached, open) = (new TaskCompletionSource(), new TaskCompletionSource());
        var failing = a.Cache.GetOrCreateAsync<string>("k", async _ =>
        {
            reached.SetResult();
            await open.Task;
            throw new IOException("down");
        }).AsTask();
        await reached.Task;
        var waiting = b.GetAsync("k", "value");
        open.SetResult();

        await Assert.ThrowsAsync<IOException>(() => failing);
        Assert.Equal("value", await waiting);
        Assert.Equal("value", await a.GetAsync("k", "other"));
    }

    [Fact]
    public async Task SetAsync_TwoNodesAtOnce_EveryLevelAgrees()
    {
        await using var a = New();
        await using var b = New();
        for (var i = 0; i < 50; i++)
        {
            var key = $"k{i}";
            await Task.WhenAll(a.Cache.SetAsync(key, "a").AsTask(), b.Cache.SetAsync(key, "b").AsTask());

            await using var cold = i % 10 == 0 ? New() : null;
            var shared = (cold ?? b).GetAsync(key, "none", CacheNode.SharedOnly);
            Assert.NotEqual("none", await shared);
            await Eventually.HoldsAsync(
                async () => await a.GetAsync(key, "none") == await shared && await b.GetAsync(key, "none") == await shared, "all agree");
        }
    }

    [Fact]
    public async Task Clocks_AQuarterOfAnHourApart_ChangeNothing()
    {
        await using var a = New(clock: new SkewedClock(TimeSpan.FromMinutes(15)));
        await using var b = New(clock: new SkewedClock(TimeSpan.FromMinutes(-15)));
        foreach (var (writer, reader) in new[] { (a, b), (b, a) })
        {
            await writer.Cache.SetAsync("k", "1", tags: ["t"]);
            await Eventually.HoldsAsync(async () => await reader.GetAsync("k", "0", null, "t") == "1", "the set is seen");
            await writer.Cache.RemoveByTagAsync("t");
            await Eventually.HoldsAsync(async () => await reader.GetAsync("k", "2", null, "t") == "2", "the tag's removal is seen");
            await writer.Cache.RemoveAsync("k");
            await Eventually.HoldsAsync(async () => await reader.GetAsync("k", "3", null, "t") == "3", "the removal is seen");
        }
    }

    [Fact]
    public async Task Values_CorruptCutOrForeign_AreMissesAndOverwritten()
    {
        await using var a = New();
        foreach (var bytes in new[] { "", "x", new string('\u0001', 40), new string('z', 5000) })
        {
            await _server.CommandAsync("SET", "scalekit:cache:{default:k}", bytes);

            Assert.Equal("new", await a.GetAsync("k", "new", CacheNode.SharedOnly));
            Assert.Equal("new", await a.GetAsync("k", "newer", CacheNode.SharedOnly));
        }
    }

    [Fact]
    public async Task Cluster_ThreeMasters_LogAndValuesLieApartAndWorkTogether()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var a = new CacheNode(cluster.ConnectionString);
        await using var b = new CacheNode(cluster.ConnectionString);
        var keys = Enumerable.Range(0, 12).Select(i => $"k{i}").ToArray();
        foreach (var key in keys)
        {
            Assert.Equal("old", await a.GetAsync(key, "old", null, "t"));
            Assert.Equal("old", await b.GetAsync(key, "new", null, "t"));
        }

        await a.Cache.RemoveAsync(keys[..6]);
        await a.Cache.RemoveByTagAsync("t");
        await a.Cache.SetAsync("k0", "set");

        await Eventually.HoldsAsync(async () => await b.GetAsync("k0", "new", null, "t") == "set", "the set is seen");
        foreach (var key in keys[1..])
            await Eventually.HoldsAsync(async () => await b.GetAsync(key, "new", null, "t") == "new", $"{key} is new");
    }

    private CacheNode New(Action<TwoLevelCacheOptions>? configure = null, TimeProvider? clock = null) =>
        new(_server.ConnectionString, configure, clock);
}
