using ScaleKit.Caching;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Caching;

/// <summary>
/// What breaks between nodes and Redis. Every value lives for an hour: an old one that is served is served because an invalidation got lost, and a test that waits for
/// the new one fails without the guard.
/// </summary>
public sealed class RedisCacheFaultTests
{
    private static readonly Action<TwoLevelCacheOptions> NoHeartbeat = o =>
    {
        o.HeartbeatInterval = TimeSpan.FromMinutes(1);
        o.MaxStaleness = TimeSpan.FromMinutes(2);
    };

    [Fact]
    public async Task Subscriber_DeafWhilePublishesGoOn_IsHealedByTheNextHeartbeat()
    {
        await using var server = await RedisServer.StartAsync();
        await using var a = new CacheNode(server.ConnectionString);
        await using var b = new CacheNode(server.ConnectionString);
        await FillAsync(b);
        b.Bus.IsDeaf = true;

        await ChangeAsync(a);

        await AssertFreshAsync(b);
        Assert.Equal("old", await b.GetAsync("kept", "new"));
    }

    [Fact]
    public async Task Subscriber_LineKilledAgainAndAgain_NothingOldStays()
    {
        await using var server = await RedisServer.StartAsync();
        await using var a = new CacheNode(server.ConnectionString, NoHeartbeat);
        await using var b = new CacheNode(server.ConnectionString, NoHeartbeat);
        for (var i = 0; i < 10; i++)
        {
            var key = $"k{i}";
            await b.GetAsync(key, "old");
            await server.CommandAsync("CLIENT", "KILL", "TYPE", "pubsub");

            await a.Cache.RemoveAsync(key);

            await Eventually.HoldsAsync(async () => await b.GetAsync(key, "new") == "new", $"{key} is new");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Server_KilledAndRestarted_NothingOldIsServed(bool keepsData)
    {
        await using var server = await RedisServer.StartAsync(new RedisServerOptions { Persistent = keepsData });
        await using var a = new CacheNode(server.ConnectionString);
        await using var b = new CacheNode(server.ConnectionString);
        await FillAsync(b);
        await server.KillAsync();
        await Assert.ThrowsAsync<RedisUnavailableException>(async () => await a.Cache.RemoveAsync("removed"));
        Assert.Equal("theirs", await a.GetAsync("other", "theirs"));

        await server.RestartAsync(keepsData);
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    await ChangeAsync(a);
                    return true;
                }
                catch (RedisUnavailableException)
                {
                    return false;
                }
            },
            "the server takes changes again");

        await AssertFreshAsync(b);
        await using var cold = new CacheNode(server.ConnectionString);
        await AssertFreshAsync(cold);
        Assert.Equal(keepsData ? "old" : "new", await cold.GetAsync("kept", "new"));
    }

    [Fact]
    public async Task Server_StoppedForLongerThanMaxStaleness_MemoryIsBypassedAndComesBack()
    {
        await using var server = await RedisServer.StartAsync();
        var clock = new SkewedClock();
        await using var b = new CacheNode(server.ConnectionString, clock: clock);
        await FillAsync(b);
        Assert.Equal("old", await b.GetAsync("removed", "new"));
        server.Pause();
        Assert.Equal("old", await b.GetAsync("removed", "new"));

        clock.Jump(TimeSpan.FromSeconds(21));

        Assert.Equal("new", await b.GetAsync("removed", "new"));
        Assert.Equal("newer", await b.GetAsync("removed", "newer"));
        server.Resume();
        await Eventually.HoldsAsync(async () => await b.GetAsync("kept", "x") == await b.GetAsync("kept", "y"), "the memory level is back");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Server_OutOfReachAndTheFactoryFails_SuspectValueIsServedOnlyWhereAllowed(bool allowed)
    {
        await using var server = await RedisServer.StartAsync();
        var clock = new SkewedClock();
        await using var b = new CacheNode(
            server.ConnectionString,
            o =>
            {
                o.FailSafeMaximum = TimeSpan.FromHours(1);
                o.FailSafeWhileSuspect = allowed;
            },
            clock);
        await b.GetAsync("k", "old");
        await server.KillAsync();
        clock.Jump(TimeSpan.FromSeconds(21));

        var reading = b.Cache.GetOrCreateAsync<string>("k", _ => throw new IOException("down")).AsTask();

        if (allowed)
            Assert.Equal("old", await reading);
        else
            await Assert.ThrowsAsync<IOException>(() => reading);
    }

    [Fact]
    public async Task Node_StoppedForLongerThanMaxStaleness_SeesTheRemovalAtItsFirstHit()
    {
        await using var server = await RedisServer.StartAsync();
        var clock = new SkewedClock();
        await using var a = new CacheNode(server.ConnectionString, NoHeartbeat);
        await using var b = new CacheNode(server.ConnectionString, NoHeartbeat, clock);
        await FillAsync(b);
        b.Bus.IsDeaf = true;
        await ChangeAsync(a);
        Assert.Equal("old", await b.GetAsync("removed", "new"));

        clock.Jump(TimeSpan.FromMinutes(3));

        Assert.Equal("new", await b.GetAsync("removed", "new"));
        Assert.Equal("new", await b.GetAsync("set", "newer"));
        Assert.Equal("new", await b.GetAsync("tagged", "new", null, "t"));
        Assert.Equal("old", await b.GetAsync("kept", "new"));
    }

    [Fact]
    public async Task Replica_PromotedWithTheLastWritesLost_NothingThatTheyVoidedComesBack()
    {
        await using var pair = await RedisReplicaPair.StartAsync();
        await using var a = new CacheNode(pair.ConnectionString);
        await using var b = new CacheNode(pair.ConnectionString);
        await FillAsync(a);
        await AssertOldAsync(b);
        await pair.CatchUpAsync();

        // A replica that is merely stopped would find the last writes in its socket when it wakes.
        await pair.Replica.CommandAsync("REPLICAOF", "127.0.0.1", "1");
        await ChangeAsync(a);
        await pair.Primary.KillAsync();

        await pair.PromoteReplicaAsync(oldPrimaryFollows: false);

        // The promoted server holds the old values and a log without the last records. A node that knows nothing else would take both for true.
        await using var cold = new CacheNode(pair.Primary.ConnectionString);
        foreach (var node in new[] { cold, a, b })
            await AssertFreshAsync(node);
        await using var later = new CacheNode(pair.Primary.ConnectionString);
        await AssertFreshAsync(later);
    }

    [Fact]
    public async Task Log_NumbersGivenOutAgainAfterALoss_AreTakenForWhatTheyAre()
    {
        await using var server = await RedisServer.StartAsync();
        await using var a = new CacheNode(server.ConnectionString, NoHeartbeat);
        await using var b = new CacheNode(server.ConnectionString, NoHeartbeat);
        await FillAsync(b);
        await TakeSnapshotAsync(server);
        await ChangeAsync(a);
        await Eventually.HoldsAsync(async () => await b.GetAsync("tagged", "new", null, "t") == "new", "b has heard it all");
        await RestoreSnapshotAsync(server);

        // Without a heartbeat: the first record that bears a number a second time tells.
        await a.Cache.RemoveAsync("unrelated");

        await using var cold = new CacheNode(server.ConnectionString);
        foreach (var node in new[] { cold, b, a })
            await AssertFreshAsync(node);
    }

    [Fact]
    public async Task Log_TrimmedPastASleepingNode_CostsTheMemoryLevelAndNothingOldIsServed()
    {
        await using var server = await RedisServer.StartAsync();
        await using var a = new CacheNode(server.ConnectionString, logCapacity: 4);
        await using var b = new CacheNode(server.ConnectionString, logCapacity: 4);
        await FillAsync(b);
        b.Bus.IsDeaf = b.Bus.IsUnreadable = true;
        await ChangeAsync(a);
        for (var i = 0; i < 20; i++)
            await a.Cache.RemoveAsync($"x{i}");

        b.Bus.IsUnreadable = false;

        await AssertFreshAsync(b);
        Assert.Equal("old", await b.GetAsync("kept", "new"));
    }

    [Fact]
    public async Task Record_ThatCannotBeRead_IsAGapAndNotAnEnd()
    {
        await using var server = await RedisServer.StartAsync();
        await using var a = new CacheNode(server.ConnectionString, NoHeartbeat);
        await using var b = new CacheNode(server.ConnectionString, NoHeartbeat);
        foreach (var message in new[] { "", "nonsense", "1 2 3", "1 2 3 4\n\u0001", "9 9 9 9\n" + new string('x', 1000), "-1 -1 -1 -1\n" })
        {
            // What arrives in the place of the records is not readable: it may have been any of them.
            b.Bus.LosesRecords = false;
            await FillAsync(b);
            b.Bus.LosesRecords = true;
            await ChangeAsync(a);

            await server.CommandAsync("PUBLISH", "scalekit:cachelog:{default}", message);

            await AssertFreshAsync(b);
            await a.Cache.RemoveAsync(["removed", "set", "tagged"]);
            await server.CommandAsync("PUBLISH", "scalekit:cachelog:{default}", message);
            await Eventually.HoldsAsync(async () => !(await b.Cache.TryGetAsync<string>("set")).IsFound, "all is removed again");
        }
    }

    private static async Task FillAsync(CacheNode node)
    {
        await node.ReadyAsync();
        foreach (var key in new[] { "removed", "set", "kept" })
            await node.GetAsync(key, "old");
        await node.GetAsync("tagged", "old", null, "t");
    }

    private static async Task AssertOldAsync(CacheNode node)
    {
        Assert.Equal("old", await node.GetAsync("removed", "new"));
        Assert.Equal("old", await node.GetAsync("set", "new"));
        Assert.Equal("old", await node.GetAsync("tagged", "new", null, "t"));
    }

    private static async Task ChangeAsync(CacheNode node)
    {
        await node.Cache.RemoveAsync("removed");
        await node.Cache.SetAsync("set", "new");
        await node.Cache.RemoveByTagAsync("t");
    }

    private static Task AssertFreshAsync(CacheNode node) => Eventually.HoldsAsync(
        async () => await node.GetAsync("removed", "new") == "new"
            && await node.GetAsync("set", "new") == "new"
            && await node.GetAsync("tagged", "new", null, "t") == "new",
        "nothing old is served");

    private static async Task TakeSnapshotAsync(RedisServer server)
    {
        await server.CommandAsync("COPY", "scalekit:cachelog:{default}:head", "copy-head");
        await server.CommandAsync("COPY", "scalekit:cachelog:{default}:records", "copy-records");
        foreach (var key in new[] { "removed", "set", "tagged" })
            await server.CommandAsync("COPY", $"scalekit:cache:{{default:{key}}}", $"copy-{key}");
    }

    private static async Task RestoreSnapshotAsync(RedisServer server)
    {
        // Also the records: a log that had none when it was copied has no copy of them, and the lost ones would still tell a cold node everything.
        await server.CommandAsync("DEL", "scalekit:cachelog:{default}:tags", "scalekit:cachelog:{default}:records");
        await server.CommandAsync("COPY", "copy-head", "scalekit:cachelog:{default}:head", "REPLACE");
        await server.CommandAsync("COPY", "copy-records", "scalekit:cachelog:{default}:records", "REPLACE");
        foreach (var key in new[] { "removed", "set", "tagged" })
            await server.CommandAsync("COPY", $"copy-{key}", $"scalekit:cache:{{default:{key}}}", "REPLACE");
    }
}
