using System.Text;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests;

public sealed class RedisConnectionTests
{
    [Fact]
    public async Task GetManyAsync_SomeKeysMissing_AnswersInOrderByOneCommand()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await Connect.To(server).ReadyAsync();
        await connection.SetAsync("a", [1]);
        await connection.SetAsync("c", []);

        var values = await connection.GetManyAsync(
            [connection.Names.Name("test", "a"), connection.Names.Name("test", "b"), connection.Names.Name("test", "c")], CancellationToken.None);

        Assert.Equal([1], values[0]!);
        Assert.Null(values[1]);
        Assert.Empty(values[2]!);
        Assert.Empty(await connection.GetManyAsync([], CancellationToken.None));
        Assert.StartsWith("calls=1,", await server.InfoAsync("cmdstat_mget"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SetAsync_ThenGetThenDelete_RoundTripsBytes()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = Connect.To(server);
        byte[] value = [0, 1, 255, 13, 10];

        Assert.Null(await connection.GetAsync("k"));
        await connection.SetAsync("k", value);
        Assert.Equal("0001FF0D0A", await connection.GetAsync("k"));
        await connection.SetAsync("empty", []);
        Assert.Equal("", await connection.GetAsync("empty"));

        var name = connection.Names.Name("test", "k");
        Assert.True(await connection.DeleteAsync(name, CancellationToken.None));
        Assert.False(await connection.DeleteAsync(name, CancellationToken.None));
    }

    [Fact]
    public async Task SetAsync_Expiry_IsTheServers()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = Connect.To(server);

        await connection.SetAsync(connection.Names.Name("test", "k"), [1], TimeSpan.FromMinutes(1), CancellationToken.None);

        Assert.InRange(long.Parse(await server.CommandAsync("PTTL", "scalekit:test:{k}")), 1, 60_000);
    }

    [Fact]
    public async Task CheckHealthAsync_RunningServer_ReportsItsClock()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = Connect.To(server);
        var before = TimeProvider.System.GetUtcNow().AddSeconds(-5);

        var health = await connection.CheckHealthAsync();

        Assert.True(health.IsHealthy);
        Assert.Null(health.Failure);
        Assert.InRange(health.ServerTime!.Value, before, before.AddMinutes(5));
    }

    [Fact]
    public async Task GetAsync_ServerAppearsLater_WorksWithoutANewConnection()
    {
        await using var server = RedisServer.Prepare();
        await using var connection = Connect.To(server, o => o.CallTimeout = TimeSpan.FromMilliseconds(250));

        var health = await connection.CheckHealthAsync();
        Assert.Equal(RedisFailure.NotConnected, health.Failure?.Failure);
        await server.RestartAsync();

        await Eventually.HoldsAsync(async () => (await connection.CheckHealthAsync()).IsHealthy, "the connection finds the server");
    }

    [Theory]
    [InlineData("right", null)]
    [InlineData("wr0ng-s3cret", RedisFailure.NotConnected)]
    public async Task GetAsync_Password_NeverShows(string password, RedisFailure? expected)
    {
        await using var server = await RedisServer.StartAsync(new RedisServerOptions { Password = "right" });
        await using var connection = Connect.To($"{server.EndPoint},password={password}", o => o.CallTimeout = TimeSpan.FromSeconds(expected is null ? 30 : 3));

        var failure = (await connection.CheckHealthAsync()).Failure;

        Assert.Equal(expected, failure?.Failure);
        Assert.DoesNotContain("s3cret", $"{failure}{connection.EndPoint}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAsync_ServerKilled_SaysWhatAndWhereButNoSecretAndNoKey()
    {
        await using var server = await RedisServer.StartAsync(new RedisServerOptions { Password = "s3cret" });
        await using var connection = await Connect.To(server).ReadyAsync();
        await server.KillAsync();

        var error = await Assert.ThrowsAsync<RedisUnavailableException>(() => connection.GetAsync("user-key").AsTask());

        Assert.Equal((RedisFailure.NotConnected, "get", server.EndPoint), (error.Failure, error.Operation, error.EndPoint));
        Assert.StartsWith($"Redis at {server.EndPoint} did not serve 'get': not connected", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("user-key", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task KeyPrefix_TwoApplications_DoNotSeeEachOther()
    {
        await using var server = await RedisServer.StartAsync();
        await using var one = Connect.To(server, o => o.KeyPrefix = "one");
        await using var two = Connect.To(server, o => o.KeyPrefix = "two");

        await one.SetAsync("k", [1]);
        await two.SetAsync("k", [2]);

        Assert.Equal("01", await one.GetAsync("k"));
        Assert.Equal("02", await two.GetAsync("k"));
        Assert.Equal(["one:test:{k}", "two:test:{k}"], (await server.CommandAsync("KEYS", "*")).Split('\n').Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task KeyPrefix_AclAllowsOnlyIt_IsEnough()
    {
        // The least rights that the seam itself needs, as the documentation gives them.
        var options = new RedisServerOptions { Password = "admin" };
        await using var server = await RedisServer.StartAsync(options);
        const string Rules = "~app:* &app:* &__Booksleeve_MasterChanged -@all +@read +@write +@scripting +@pubsub +@connection -@dangerous "
            + "+time +info +config|get +cluster|nodes";
        await server.CommandAsync(["ACL", "SETUSER", "default", "resetkeys", "resetchannels", .. Rules.Split(' ')]);
        await using var connection = Connect.To(server, o => o.KeyPrefix = "app");
        await using var stranger = Connect.To(server, o => o.KeyPrefix = "other");

        await connection.SetAsync("k", [1]);

        Assert.Equal("01", await connection.GetAsync("k"));
        Assert.Null((await connection.CheckHealthAsync()).Failure);
        await PublishToItselfAsync(connection);
        Assert.Equal(RedisFailure.CommandRefused, await Connect.FailureAsync(stranger.GetAsync("k")));
    }

    [Fact]
    public async Task GetAsync_ServerRepeatsTheArguments_TheyAreNotPassedOn()
    {
        var options = new RedisServerOptions();
        options.ConfigurationLines.Add("rename-command GET \"\"");
        await using var server = await RedisServer.StartAsync(options);
        await using var connection = Connect.To(server);

        var error = await Assert.ThrowsAsync<RedisUnavailableException>(() => connection.GetAsync("user-key").AsTask());

        Assert.Equal(RedisFailure.CommandRefused, error.Failure);
        Assert.Contains("unknown command", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("user-key", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DisposeAsync_Twice_ClosesOnceAndRefusesCalls()
    {
        await using var server = await RedisServer.StartAsync();
        var connection = await Connect.To(server).ReadyAsync();

        await connection.DisposeAsync();
        await connection.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => connection.GetAsync("k").AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => connection.CheckHealthAsync().AsTask());

        // Only the connection of the question itself is left.
        await Eventually.HoldsAsync(async () => await server.InfoAsync("connected_clients") == "1", "the client has left");
    }

    [Fact]
    public async Task Restored_ServerRestarted_IsRaised()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await Connect.To(server).ReadyAsync();
        var raised = 0;
        connection.Restored += (_, _) => Interlocked.Increment(ref raised);

        await server.RestartAsync();

        await Eventually.HoldsAsync(() => Volatile.Read(ref raised) > 0, "the restored line is told");
    }

    [Fact]
    public async Task GetAsync_ServerRefusesForNow_IsAnOutage()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await Connect.To(server).ReadyAsync();
        await server.CommandAsync("CONFIG", "SET", "maxmemory", "1");

        var error = await Assert.ThrowsAsync<RedisUnavailableException>(() => connection.SetAsync("k", Encoding.UTF8.GetBytes("v")).AsTask());

        Assert.Equal(RedisFailure.ServerUnready, error.Failure);
        Assert.Contains("OOM", error.Message, StringComparison.Ordinal);
    }

    private static async Task PublishToItselfAsync(RedisConnection connection)
    {
        var listener = new Connection.RecordingListener();
        await using var subscription = connection.Subscribe(connection.Names.Name("test", "news"), listener);
        await Eventually.HoldsAsync(() => listener.Restorations > 0, "the subscription stands");
    }
}
