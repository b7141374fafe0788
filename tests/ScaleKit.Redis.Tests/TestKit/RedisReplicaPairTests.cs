using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.TestKit;

public sealed class RedisReplicaPairTests
{
    [Fact]
    public async Task PromoteReplicaAsync_PrimaryKilled_ReplicaTakesWritesWithTheData()
    {
        await using var pair = await RedisReplicaPair.StartAsync();
        await pair.Primary.CommandAsync("SET", "k", "v");
        await pair.CatchUpAsync();
        var replica = pair.Replica;

        await pair.Primary.KillAsync();
        await pair.PromoteReplicaAsync(oldPrimaryFollows: false);

        Assert.Same(replica, pair.Primary);
        Assert.Equal("v", await pair.Primary.CommandAsync("GET", "k"));
        Assert.Equal("OK", await pair.Primary.CommandAsync("SET", "k", "w"));

        await pair.Replica.RestartAsync();
        await pair.RejoinAsync();
        await pair.CatchUpAsync();
        Assert.Equal("w", await pair.Replica.CommandAsync("GET", "k"));
    }

    [Fact]
    public async Task PromoteReplicaAsync_BothAlive_RolesSwap()
    {
        await using var pair = await RedisReplicaPair.StartAsync(new RedisServerOptions { Password = "p" });

        await pair.PromoteReplicaAsync();

        Assert.Equal("master", await pair.Primary.InfoAsync("role"));
        Assert.Equal("slave", await pair.Replica.InfoAsync("role"));
    }
}
