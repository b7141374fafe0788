using System.Globalization;

namespace ScaleKit.TestKit;

/// <summary>A primary and its replica, both real. Not thread-safe.</summary>
public sealed class RedisReplicaPair : IAsyncDisposable
{
    private RedisReplicaPair(RedisServer primary, RedisServer replica) => (Primary, Replica) = (primary, replica);

    /// <summary>The server that takes writes now. It changes with <see cref="PromoteReplicaAsync"/>.</summary>
    public RedisServer Primary { get; private set; }

    /// <summary>The server that follows.</summary>
    public RedisServer Replica { get; private set; }

    /// <summary>Both end points in one connection string, as an application would give them.</summary>
    public string ConnectionString => $"{Primary.EndPoint},{Replica.ConnectionString}";

    /// <summary>Starts both and returns when the replica has caught up.</summary>
    public static async Task<RedisReplicaPair> StartAsync(RedisServerOptions? options = null)
    {
        var primary = await RedisServer.StartAsync(options);
        var replica = await RedisServer.StartAsync(options);
        var pair = new RedisReplicaPair(primary, replica);
        await FollowAsync(replica, primary);
        return pair;
    }

    /// <summary>Waits until the replica has all that the primary has written.</summary>
    public Task CatchUpAsync() => Eventually.HoldsAsync(
        async () => await Primary.InfoAsync("master_repl_offset") == await Replica.InfoAsync("slave_repl_offset"),
        "the replica has caught up");

    /// <summary>
    /// Makes the replica the primary (REPLICAOF NO ONE). The old primary, if it still runs, becomes its replica; a killed one can be
    /// restarted and told so with <see cref="RejoinAsync"/>.
    /// </summary>
    public async Task PromoteReplicaAsync(bool oldPrimaryFollows = true)
    {
        await Replica.CommandAsync("REPLICAOF", "NO", "ONE");
        (Primary, Replica) = (Replica, Primary);
        if (oldPrimaryFollows)
        {
            await FollowAsync(Replica, Primary);
        }
    }

    /// <summary>Makes the present replica (a former primary that was restarted) follow the present primary.</summary>
    public Task RejoinAsync() => FollowAsync(Replica, Primary);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Replica.DisposeAsync();
        await Primary.DisposeAsync();
    }

    private static async Task FollowAsync(RedisServer replica, RedisServer primary)
    {
        await replica.CommandAsync("REPLICAOF", "127.0.0.1", primary.Port.ToString(CultureInfo.InvariantCulture));
        await Eventually.HoldsAsync(
            async () => await replica.InfoAsync("master_link_status") is "up", "the replica is linked to its primary");
    }
}
