using ScaleKit.TestKit;
using StackExchange.Redis;

namespace ScaleKit.Redis.Tests.Connection;

public sealed class RedisLinkTests
{
    [Fact]
    public async Task Replace_LineSilentOverAPause_IsMadeAnewAndSubscriptionsFollow()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await Connect.To(server, Quick).ReadyAsync();
        var listener = new RecordingListener();
        await using var subscription = connection.Subscribe(connection.Names.Name("test", "news"), listener);
        await Eventually.HoldsAsync(() => listener.Restorations > 0, "the subscription stands");
        var before = await connection.ClientAsync();

        server.Pause();
        await Eventually.HoldsAsync(
            async () => !(await connection.CheckHealthAsync()).IsHealthy && connection.Replacements > 0, "the silent line is given up");
        server.Resume();
        await Eventually.HoldsAsync(async () => (await connection.CheckHealthAsync()).IsHealthy, "healthy again");

        Assert.NotSame(before, await connection.ClientAsync());
        await Eventually.HoldsAsync(() => listener.Restorations >= 2, "the subscription stands on the new line");
        await connection.PublishAsync(connection.Names.Name("test", "news"), "after"u8.ToArray(), CancellationToken.None);
        await Eventually.HoldsAsync(() => listener.Messages.Contains("after"), "a message comes on the new line");
    }

    // The client flushes while it closes, beside its writing thread, which may still be in the flush of the last command. One connection in forty hit that.
    [Fact]
    public async Task DisposeAsync_RightAfterAnAnswer_RunsNothingTwice()
    {
        await using var server = await RedisServer.StartAsync();
        var count = RedisScript.Load("Connection", "Count", typeof(RedisLinkTests).Assembly);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var i = 1; i <= 500; i++)
            {
                await using var connection = await Connect.To(server).ReadyAsync();
                var counted = await connection.RunAsync(count, [connection.Names.Name("test", $"count{worker}")], [], CancellationToken.None);
                Assert.Equal(i, counted.ToInt64());
            }
        })));
    }

    [Fact]
    public async Task Refresh_PrimaryKilledAndReplicaPromoted_WritesGoToTheNewPrimary()
    {
        await using var pair = await RedisReplicaPair.StartAsync();
        await using var connection = Connect.To(pair.ConnectionString, Quick);
        await Eventually.HoldsAsync(() => TrySetAsync(connection, [1]), "the first write");
        await pair.CatchUpAsync();

        await pair.Primary.KillAsync();
        await Eventually.HoldsAsync(async () => !(await connection.CheckHealthAsync()).IsHealthy, "the loss is noticed");
        await pair.PromoteReplicaAsync(oldPrimaryFollows: false);

        await Eventually.HoldsAsync(() => TrySetAsync(connection, [2]), "a write goes through");
        Assert.Equal("02", await connection.GetAsync("k"));
        Assert.Equal("1", await pair.Primary.CommandAsync("DBSIZE"));
    }

    [Fact]
    public async Task Refresh_RolesSwapWhileBothLive_WritesFollowAfterReadOnly()
    {
        await using var pair = await RedisReplicaPair.StartAsync();
        await using var connection = Connect.To(pair.ConnectionString, Quick);
        await Eventually.HoldsAsync(() => TrySetAsync(connection, [1]), "the first write");
        await pair.CatchUpAsync();

        await pair.PromoteReplicaAsync();

        await Eventually.HoldsAsync(() => TrySetAsync(connection, [2]), "a write goes through");
        Assert.Equal("\u0002", await pair.Primary.CommandAsync("GET", "scalekit:test:{k}"));
    }

    [Fact]
    public async Task GetAsync_FromTheApplicationsClient_IsNeverClosedOrReplacedHere()
    {
        await using var server = await RedisServer.StartAsync();
        using var client = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var options = new RedisOptions { CallTimeout = TimeSpan.FromMilliseconds(200), BreakerMinimumCalls = 2, BreakerPause = TimeSpan.FromSeconds(0.5) };
        var connection = await new RedisConnection(options, client, null, null, null).ReadyAsync();

        server.Pause();
        for (var opened = 0; opened < 3; opened++)
        {
            await Eventually.HoldsAsync(
                async () => (await connection.CheckHealthAsync()).Failure?.Failure is RedisFailure.CircuitOpen, "the breaker opens");
            await Eventually.HoldsAsync(
                async () => (await connection.CheckHealthAsync()).Failure?.Failure is RedisFailure.TimedOut, "the breaker tries");
        }

        server.Resume();
        Assert.Equal(0, connection.Replacements);
        Assert.Same(client, await connection.ClientAsync());
        await connection.DisposeAsync();
        Assert.Equal("PONG", (string?)await client.GetDatabase().ExecuteAsync("PING"));
        Assert.Equal(server.EndPoint, connection.EndPoint);
    }

    private static void Quick(RedisOptions options)
    {
        options.CallTimeout = TimeSpan.FromMilliseconds(500);
        options.BreakerMinimumCalls = 2;
        options.BreakerPause = TimeSpan.FromSeconds(0.5);
    }

    private static async ValueTask<bool> TrySetAsync(RedisConnection connection, byte[] value)
    {
        try
        {
            await connection.SetAsync("k", value);
            return true;
        }
        catch (RedisUnavailableException)
        {
            return false;
        }
    }
}
