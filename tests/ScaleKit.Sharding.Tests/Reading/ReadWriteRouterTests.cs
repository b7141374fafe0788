using ScaleKit.TestKit;

namespace ScaleKit.Sharding.Tests;

public sealed class ReadWriteRouterTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void BeginRead_RoundRobin_ReplicasTakeTurns()
    {
        var router = Make(ReadPolicy.RoundRobin);

        var reads = Enumerable.Range(0, 30).Select(_ => Read(router, "a")).CountBy(e => e).ToDictionary();

        Assert.Equal([10, 10, 10], [reads["r1"], reads["r2"], reads["r3"]]);
    }

    [Fact]
    public void BeginRead_SameZoneFirst_TheZonesReplicasShareEvenly_OthersOnlyWhenNoneIsAvailable()
    {
        var endpoints = Endpoints();
        var router = Make(ReadPolicy.SameZoneFirst, endpoints, zone: "z2");

        Assert.Equal([("r2", 10), ("r3", 10)], Enumerable.Range(0, 20).Select(_ => Read(router, "a")).CountBy(e => e).Select(e => (e.Key, e.Value)).Order());
        endpoints.Replicas[1].IsAvailable = false;
        endpoints.Replicas[2].IsAvailable = false;
        Assert.Equal("r1", Read(router, "a"));
    }

    [Fact]
    public void BeginRead_LeastOutstanding_TheIdleOneIsTaken()
    {
        var router = Make(ReadPolicy.LeastOutstanding);
        var first = router.BeginRead("a");
        var second = router.BeginRead("a");
        var third = router.BeginRead("a");

        Assert.Equal(["r1", "r2", "r3"], new[] { first.Endpoint, second.Endpoint, third.Endpoint }.Order());
        second.Dispose();
        Assert.Equal(second.Endpoint, router.BeginRead("a").Endpoint);
    }

    [Fact]
    public void BeginRead_NoReplicaAvailable_Primary()
    {
        var endpoints = Endpoints();
        var router = Make(ReadPolicy.RoundRobin, endpoints);
        foreach (var replica in endpoints.Replicas)
        {
            replica.IsAvailable = false;
        }

        Assert.Equal("primary", Read(router, "a"));
        Assert.Equal("primary", Read(Make(ReadPolicy.LeastOutstanding, new ShardEndpoints<string>("primary")), "a"));
    }

    [Fact]
    public void BeginWrite_Always_PrimaryWhateverTheHealth()
    {
        var router = Make(ReadPolicy.RoundRobin);

        using var write = router.BeginWrite("a");

        Assert.Equal(("primary", true, "only"), (write.Endpoint, write.IsPrimary, write.ShardId));
    }

    [Fact]
    public void BeginRead_WithinTheTimeAfterAWrite_PrimaryForThatKeyOnly()
    {
        var router = Make(ReadPolicy.RoundRobin);
        using (router.BeginWrite("a"))
        {
            _time.Advance(TimeSpan.FromSeconds(60));
        }

        _time.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        Assert.Equal("primary", Read(router, "a"));
        Assert.StartsWith("r", Read(router, "b"), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.StartsWith("r", Read(router, "a"), StringComparison.Ordinal);
    }

    [Fact]
    public void BeginRead_WriteStillUnderWay_Primary()
    {
        var router = Make(ReadPolicy.RoundRobin);
        using var write = router.BeginWrite(42);

        Assert.Equal("primary", router.BeginRead(42).Endpoint);
    }

    [Fact]
    public void BeginRead_WallClockJumps_TheTimeIsMonotonic()
    {
        var router = Make(ReadPolicy.RoundRobin);
        router.BeginWrite(Guid.Empty).Dispose();

        _time.JumpWallClock(TimeSpan.FromDays(365));

        Assert.Equal("primary", router.BeginRead(Guid.Empty).Endpoint);
    }

    [Fact]
    public void BeginRead_ReadYourWritesZero_NeverForcedToThePrimary()
    {
        var router = Make(ReadPolicy.RoundRobin, options: o => o.ReadYourWrites = TimeSpan.Zero);
        using var write = router.BeginWrite("a");

        Assert.StartsWith("r", Read(router, "a"), StringComparison.Ordinal);
    }

    [Fact]
    public void BeginReadAndWrite_AllocateNothing()
    {
        var router = Make(ReadPolicy.SameZoneFirst, zone: "z2");

        Assert.Equal(0, Allocated.By(() => router.BeginRead("a").Dispose()));
        Assert.Equal(0, Allocated.By(() => router.BeginWrite("a").Dispose()));
    }

    [Fact]
    public void Constructor_BadOptions_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(ReadPolicy.RoundRobin, options: o => o.ReadYourWrites = TimeSpan.FromTicks(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(ReadPolicy.RoundRobin, options: o => o.ReadYourWrites = TimeSpan.FromDays(2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make(ReadPolicy.RoundRobin, options: o => o.RememberedWrites = 1_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => Make((ReadPolicy)9));
        Assert.Throws<ArgumentException>(() => new ShardEndpoints<string>("p", [null!]));
    }

    private static string Read(ReadWriteRouter<string> router, string key)
    {
        using var read = router.BeginRead(key);
        return read.Endpoint;
    }

    private static ShardEndpoints<string> Endpoints() => new(
        "primary", [new ReadReplica<string>("r1", "z1"), new ReadReplica<string>("r2", "z2"), new ReadReplica<string>("r3", "z2")]);

    private ReadWriteRouter<string> Make(
        ReadPolicy policy, ShardEndpoints<string>? endpoints = null, string? zone = null, Action<ReadRoutingOptions>? options = null)
    {
        var settings = new ReadRoutingOptions { Policy = policy, Zone = zone };
        options?.Invoke(settings);
        var topology = SlotTopology.Create([new Shard<ShardEndpoints<string>>("only", endpoints ?? Endpoints())]);
        return new ReadWriteRouter<string>(new ShardRouter<ShardEndpoints<string>>(topology), settings, _time);
    }
}
