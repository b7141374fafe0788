using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Connection;

/// <summary>The connection string names Sentinels and a service, and no server.</summary>
public sealed class SentinelTests
{
    [Fact]
    public async Task Sentinel_PrimaryKilled_CallsAndSubscriptionsGoToThePromotedReplica()
    {
        await using var pair = await RedisReplicaPair.StartAsync();
        await using var sentinel = await RedisSentinel.StartAsync(pair);
        await using var connection = Connect.To(sentinel.ConnectionString, Quick);
        var listener = new RecordingListener();
        await using var subscription = connection.Subscribe(connection.Names.Name("test", "news"), listener);
        await Eventually.HoldsAsync(() => TrySetAsync(connection, [1]), "the first write");
        await Eventually.HoldsAsync(() => listener.Restorations >= 1, "the subscription stands");
        await pair.CatchUpAsync();

        await pair.Primary.KillAsync();

        await Eventually.HoldsAsync(() => TrySetAsync(connection, [2]), "a write goes through");
        Assert.Equal(pair.Replica.Port, await sentinel.PrimaryPortAsync());
        Assert.Equal("\u0002", await pair.Replica.CommandAsync("GET", "scalekit:test:{k}"));
        await Eventually.HoldsAsync(() => listener.Restorations >= 2, "the subscription stands on the new primary");
        await connection.PublishAsync(connection.Names.Name("test", "news"), "after"u8.ToArray(), CancellationToken.None);
        await Eventually.HoldsAsync(() => listener.Messages.Contains("after"), "a message comes from the new primary");
    }

    // The old primary lives on as a replica: its line never breaks, only READONLY tells.
    [Fact]
    public async Task Sentinel_FailoverByHand_WritesFollow()
    {
        await using var pair = await RedisReplicaPair.StartAsync();
        await using var sentinel = await RedisSentinel.StartAsync(pair);
        await using var connection = Connect.To(sentinel.ConnectionString, Quick);
        await Eventually.HoldsAsync(() => TrySetAsync(connection, [1]), "the first write");
        await pair.CatchUpAsync();

        await sentinel.FailoverAsync();
        await Eventually.HoldsAsync(async () => await sentinel.PrimaryPortAsync() == pair.Replica.Port, "the Sentinel has promoted the replica");

        await Eventually.HoldsAsync(
            async () => await TrySetAsync(connection, [2]) && await pair.Replica.CommandAsync("GET", "scalekit:test:{k}") == "\u0002", "a write reaches the new primary");
    }

    [Fact]
    public async Task Sentinel_UnknownServiceOrNobodyThere_IsNotConnectedAndSaysWhy()
    {
        await using var pair = await RedisReplicaPair.StartAsync();
        await using var sentinel = await RedisSentinel.StartAsync(pair);
        await using var stranger = Connect.To(sentinel.ConnectionString + "-of-another", Quick);
        var failure = default(RedisUnavailableException);
        await Eventually.HoldsAsync(
            async () => (failure = (await stranger.CheckHealthAsync()).Failure) is { InnerException: IOException }, "the Sentinel does not know the service");
        Assert.Equal(RedisFailure.NotConnected, failure!.Failure);
        Assert.Contains("main-of-another", failure.InnerException!.Message, StringComparison.Ordinal);

        await using var alone = Connect.To($"127.0.0.1:{LoopbackPort.Find()},serviceName=main", Quick);
        Assert.Equal(RedisFailure.NotConnected, (await alone.CheckHealthAsync()).Failure?.Failure);
    }

    private static void Quick(RedisOptions options)
    {
        options.CallTimeout = TimeSpan.FromMilliseconds(500);
        options.BreakerPause = TimeSpan.FromMilliseconds(500);
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
