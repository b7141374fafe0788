using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using ScaleKit.RateLimiting;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.RateLimiting;

public sealed class RedisRateLimitStoreTests : OnItsOwnServer
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task AcquireAsync_ThreeNodesWithClocksHoursApart_TakeTheLimitTogether()
    {
        var policy = new RateLimitPolicy("p", 50, Hour);
        var decisions = new List<RateLimitDecision>();
        foreach (var hours in (int[])[-30, 0, 7])
        {
            var clock = new ManualTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56).AddHours(hours));
            clock.Advance(TimeSpan.FromHours(100 + hours));
            await using var connection = await Connect.To(Server).ReadyAsync();
            using var store = new RedisRateLimitStore(connection, Patient, clock);
            for (var i = 0; i < 25; i++)
            {
                decisions.Add(await store.AcquireAsync(new RateLimitCharge(policy, "k")));
            }
        }

        Assert.True(decisions.Count(d => d.IsAcquired) == 50, string.Join("; ", decisions.Select(d => $"{d.Outcome} {d.Remaining} {d.RetryAfter}")));
    }

    [Fact]
    public async Task AcquireAsync_Refused_AsksRedisNoMoreUntilPermitsComeFree()
    {
        var clock = new ManualTimeProvider();
        using var store = new RedisRateLimitStore(Connection, Patient, clock);
        var policy = new RateLimitPolicy("p", 3, Hour);
        await store.AcquireAsync(new RateLimitCharge(policy, "k", 3));
        var first = await store.AcquireAsync(new RateLimitCharge(policy, "k"));
        var calls = await Server.ScriptCallsAsync();

        for (var i = 0; i < 1_000; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(3));
            var refused = await store.AcquireAsync(new RateLimitCharge(policy, "k"));
            Assert.False(refused.IsAcquired);
            Assert.Equal(first.RetryAfter - TimeSpan.FromSeconds(3 * (i + 1)), refused.RetryAfter);
            Assert.Equal(RateLimitOutcome.Refused, store.AttemptAcquire(new RateLimitCharge(policy, "k")).Outcome);
        }

        Assert.Equal(calls, await Server.ScriptCallsAsync());

        // The node's clock says that the hour has passed, Redis' does not: the node asks, and believes it.
        clock.Advance(TimeSpan.FromSeconds(600));
        Assert.False((await store.AcquireAsync(new RateLimitCharge(policy, "k"))).IsAcquired);
        Assert.Equal(calls + 1, await Server.ScriptCallsAsync());
    }

    [Fact]
    public async Task AcquireAsync_RefusedForMany_AsksForFewer()
    {
        using var store = new RedisRateLimitStore(Connection, Patient);
        var policy = new RateLimitPolicy("p", 5, Hour);
        await store.AcquireAsync(new RateLimitCharge(policy, "k", 3));

        Assert.False((await store.AcquireAsync(new RateLimitCharge(policy, "k", 4))).IsAcquired);

        Assert.Equal(RateLimitOutcome.Refused, store.AttemptAcquire(new RateLimitCharge(policy, "k", 4)).Outcome);
        Assert.Equal(RateLimitOutcome.Undecided, store.AttemptAcquire(new RateLimitCharge(policy, "k", 2)).Outcome);
        Assert.True((await store.AcquireAsync(new RateLimitCharge(policy, "k", 2))).IsAcquired);
    }

    [Fact]
    public async Task AcquireAsync_LimitRaised_ForgetsTheRefusal()
    {
        using var store = new RedisRateLimitStore(Connection, Patient);
        await store.AcquireAsync(new RateLimitCharge(new RateLimitPolicy("p", 1, Hour), "k"));
        var policy = new RateLimitPolicy("p", 1, Hour);
        Assert.False((await store.AcquireAsync(new RateLimitCharge(policy, "k"))).IsAcquired);

        Assert.True((await store.AcquireAsync(new RateLimitCharge(new RateLimitPolicy("p", 2, Hour), "k"))).IsAcquired);
    }

    [Fact]
    public async Task SettleAsync_GivenBack_ForgetsTheRefusalAlsoOneThatIsStillUnderWay()
    {
        var clock = new HoldingClock();
        using var store = new RedisRateLimitStore(Connection, Patient, clock);
        var policy = new RateLimitPolicy("p", 3, Hour);
        await store.AcquireAsync(new RateLimitCharge(policy, "k", 3));
        Assert.False((await store.AcquireAsync(new RateLimitCharge(policy, "k"))).IsAcquired);

        await store.SettleAsync(new RateLimitCharge(policy, "k", 3), actual: 1);

        Assert.Equal(1, (await store.AcquireAsync(new RateLimitCharge(policy, "k"))).Remaining);

        // Refused at the server, then permits are given back, then the refusal is noted here.
        await store.AcquireAsync(new RateLimitCharge(policy, "k"));
        Server.Pause();
        var refused = store.AcquireAsync(new RateLimitCharge(policy, "k")).AsTask();
        clock.Hold();
        Server.Resume();
        await clock.Held;
        await store.SettleAsync(new RateLimitCharge(policy, "k", 1), actual: 0);
        clock.Release();
        Assert.False((await refused).IsAcquired);

        Assert.Equal(RateLimitOutcome.Undecided, store.AttemptAcquire(new RateLimitCharge(policy, "k")).Outcome);
        Assert.True((await store.AcquireAsync(new RateLimitCharge(policy, "k"))).IsAcquired);
    }

    [Fact]
    public async Task SettleAsync_CancelledOnItsWay_ForgetsTheRefusalTooAndBlamesNobody()
    {
        using var logs = new RecordedLog();
        using var store = new RedisRateLimitStore(Connection, Patient, loggerFactory: logs);
        var policy = new RateLimitPolicy("p", 3, Hour);
        await store.AcquireAsync(new RateLimitCharge(policy, "k", 3));
        Assert.False((await store.AcquireAsync(new RateLimitCharge(policy, "k", 3))).IsAcquired);
        using var leaving = new CancellationTokenSource();
        Server.Pause();
        var settling = store.SettleAsync(new RateLimitCharge(policy, "k", 3), actual: 0, leaving.Token).AsTask();

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => settling);
        Server.Resume();
        Assert.Empty(logs.Lines);

        // Behind it on the same line.
        Assert.True((await store.AcquireAsync(new RateLimitCharge(policy, "k", 3))).IsAcquired);
        Assert.Equal(0, (await store.AcquireAsync(new RateLimitCharge(policy, "k", 0))).Remaining);
    }

    [Fact]
    public async Task Fallback_Local_SharesTheLimitAmongTheNodesThatRedisLastKnew()
    {
        var policy = new RateLimitPolicy("p", 30, Hour);
        var clock = new ManualTimeProvider();
        var stores = Enumerable.Range(0, 3).Select(_ => new RedisRateLimitStore(Connection, new RedisRateLimitOptions { Timeout = TimeSpan.FromSeconds(30) }, clock)).ToArray();
        await Eventually.HoldsAsync(
            async () =>
            {
                clock.Advance(NodeCount.Interval);
                await Task.WhenAll(stores.Select(store => store.AcquireAsync(new RateLimitCharge(policy, "k", 0)).AsTask()));
                return stores.All(store => store.Fallback.Nodes == 3);
            },
            "each knows of three");

        var key = new WindowKey(policy, "k", default);
        Assert.Equal(10, Enumerable.Range(0, 30).Count(_ => stores[0].Fallback.Decide(key, 1).IsAcquired));
        Assert.False(stores[1].Fallback.Decide(key, 11).IsAcquired);
        Assert.All(stores, store => store.Dispose());
    }

    [Fact]
    public async Task AcquireAsync_ManyCallersAtOnce_ShareFewCallsAndAreServedInOrder()
    {
        using var store = new RedisRateLimitStore(Connection, Patient);
        var policy = new RateLimitPolicy("p", 300, Hour);
        await store.AcquireAsync(new RateLimitCharge(policy, "warm"));
        var calls = await Server.ScriptCallsAsync();
        Server.Pause();
        var answers = Enumerable.Range(0, 500).Select(_ => store.AcquireAsync(new RateLimitCharge(policy, "k")).AsTask()).ToArray();
        Server.Resume();

        var decisions = await Task.WhenAll(answers);

        Assert.Equal(300, decisions.TakeWhile(d => d.IsAcquired).Count());
        Assert.DoesNotContain(decisions.Skip(300), d => d.IsAcquired);
        Assert.Equal(Enumerable.Range(0, 300).Reverse(), decisions.Take(300).Select(d => d.Remaining));
        Assert.InRange(await Server.ScriptCallsAsync() - calls, 1, 4);
    }

    [Fact]
    public async Task AcquireAsync_ManyKeysAtOnce_ShareFewCalls()
    {
        using var store = new RedisRateLimitStore(Connection, Patient);
        var policy = new RateLimitPolicy("p", 1, Hour);
        await store.AcquireAsync(new RateLimitCharge(policy, "warm"));
        var calls = await Server.ScriptCallsAsync();
        Server.Pause();
        var answers = Enumerable.Range(0, 200).Select(i => store.AcquireAsync(new RateLimitCharge(policy, Key(i % 100))).AsTask()).ToArray();
        Server.Resume();

        var decisions = await Task.WhenAll(answers);

        Assert.All(decisions.Take(100), d => Assert.True(d.IsAcquired));
        Assert.All(decisions.Skip(100), d => Assert.False(d.IsAcquired));
        Assert.InRange(await Server.ScriptCallsAsync() - calls, 1, 5);
    }

    [Fact]
    public async Task AcquireAsync_CancelledWhileItWaits_EndsAndTakesNothing()
    {
        using var store = new RedisRateLimitStore(Connection, Patient);
        var policy = new RateLimitPolicy("p", 10, Hour);
        using var cancellation = new CancellationTokenSource();
        Server.Pause();
        var sent = Enumerable.Range(0, 2).Select(_ => store.AcquireAsync(new RateLimitCharge(policy, "k")).AsTask()).ToArray();
        var queued = Enumerable.Range(0, 20).Select(_ => store.AcquireAsync(new RateLimitCharge(policy, "k"), cancellation.Token).AsTask()).ToArray();
        var kept = store.AcquireAsync(new RateLimitCharge(policy, "k"), CancellationToken.None).AsTask();

        await cancellation.CancelAsync();
        foreach (var call in queued)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        Server.Resume();
        Assert.All(await Task.WhenAll(sent), d => Assert.True(d.IsAcquired));
        Assert.Equal(7, (await kept).Remaining);
    }

    [Fact]
    public async Task AcquireAsync_StoppedServer_AnswersByTheFallbackAndComesBackByItself()
    {
        foreach (var (mode, expected) in ((RateLimitFallback, int)[])[(RateLimitFallback.Open, 20), (RateLimitFallback.Closed, 0), (RateLimitFallback.Local, 3)])
        {
            await using var connection = await Connect.To(Server, o => o.CallTimeout = TimeSpan.FromMilliseconds(100)).ReadyAsync();
            using var store = new RedisRateLimitStore(
                connection, new RedisRateLimitOptions { Timeout = TimeSpan.FromMilliseconds(100), WhenUnavailable = mode, Nodes = 4 });
            var policy = new RateLimitPolicy("p" + mode, 12, Hour);
            Server.Pause();
            try
            {
                var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => store.AcquireAsync(new RateLimitCharge(policy, "k")).AsTask()));
                Assert.Equal(expected, answers.Count(a => a.IsAcquired));
                Assert.Equal(expected > 0, (await store.AcquireAllAsync(new[] { new RateLimitCharge(policy, "a"), new RateLimitCharge(policy, "b") })).IsAcquired);
            }
            finally
            {
                Server.Resume();
            }

            await Eventually.HoldsAsync(
                async () => (await store.AcquireAsync(new RateLimitCharge(policy, "other", 12))) is { Outcome: RateLimitOutcome.Acquired } or { Outcome: RateLimitOutcome.Refused, Remaining: 0, RetryAfter.TotalMinutes: > 50 },
                "Redis counts again");
        }
    }

    [Fact]
    public async Task AcquireAsync_KilledAndRestarted_GoesOn()
    {
        using var store = new RedisRateLimitStore(Connection, Patient);
        var policy = new RateLimitPolicy("p", 5, Hour);
        Assert.True((await store.AcquireAsync(new RateLimitCharge(policy, "k", 2))).IsAcquired);

        await Server.KillAsync();
        Assert.False((await store.AcquireAsync(new RateLimitCharge(policy, "k"))).IsAcquired);
        await Server.RestartAsync(keepData: false);

        await Eventually.HoldsAsync(async () => (await store.AcquireAsync(new RateLimitCharge(policy, "k", 0))).IsAcquired, "Redis counts again");
    }

    [Fact]
    public async Task AcquireAsync_IdleKey_LeavesRedisWhenItsWindowEnds()
    {
        using var store = new RedisRateLimitStore(Connection, Patient);
        foreach (var limit in (int[])[3, 1_000, 1_000_000])
        {
            var decision = await store.AcquireAsync(new RateLimitCharge(new RateLimitPolicy("p" + limit, limit, TimeSpan.FromMinutes(1)), "k"));
            var name = System.Text.Encoding.UTF8.GetString(WindowName.Of(Connection.Names, "p" + limit, "k").ToBytes());
            Assert.InRange(decision.ResetAfter, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1) * 17 / 16);
            var life = TimeSpan.FromMilliseconds(long.Parse(await Server.CommandAsync("PTTL", name), CultureInfo.InvariantCulture));
            Assert.InRange(life, TimeSpan.FromSeconds(30), decision.ResetAfter + TimeSpan.FromMilliseconds(3));
        }
    }

    [Fact]
    public async Task AcquireAsync_Cluster_WorksAcrossMastersAndChargesTogetherWhatSharesATag()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var connection = await Connect.To(cluster.ConnectionString).ReadyAsync();
        using var store = new RedisRateLimitStore(connection, Patient);
        var (second, hour) = (new RateLimitPolicy("second", 5, Hour), new RateLimitPolicy("hour", 2, Hour));

        var decisions = await Task.WhenAll(Enumerable.Range(0, 600).Select(i => store.AcquireAsync(new RateLimitCharge(hour, Key(i % 200))).AsTask()));
        Assert.Equal(400, decisions.Count(d => d.IsAcquired));
        foreach (var node in cluster.Nodes)
        {
            Assert.NotEqual("0", await node.CommandAsync("DBSIZE"));
        }

        Assert.True((await store.AcquireAllAsync(new[] { new RateLimitCharge(second, "ann"), new RateLimitCharge(hour, "ann") })).IsAcquired);
        Assert.True((await store.AcquireAllAsync(new[] { new RateLimitCharge(second, "{acme}ann"), new RateLimitCharge(hour, "{acme}") })).IsAcquired);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await store.AcquireAllAsync(new[] { new RateLimitCharge(second, "ann"), new RateLimitCharge(hour, "bob") }));
        Assert.Contains("{acme}", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("bob", refused.Message, StringComparison.Ordinal);

        // The slot moves with its count.
        var slot = connection.SlotOf(WindowName.Of(connection.Names, "hour", "ann"));
        await cluster.MoveSlotAsync(slot, cluster.Nodes.First(node => node != cluster.OwnerOf(slot)));
        Assert.Equal(0, (await store.AcquireAsync(new RateLimitCharge(hour, "ann"))).Remaining);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AddScaleKitRedis_InWhateverOrder_MakesTheLimiterShared(bool redisFirst)
    {
        var services = new ServiceCollection();
        _ = redisFirst
            ? services.AddScaleKitRedis(Server.ConnectionString).AddScaleKitRateLimiting()
            : services.AddScaleKitRateLimiting().AddScaleKitRedis(Server.ConnectionString);
        services.Configure<RedisRateLimitOptions>(o => o.Timeout = TimeSpan.FromSeconds(10));
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<RedisConnection>().ReadyAsync();

        Assert.True((await provider.GetRequiredService<PolicyRateLimiter>().AcquireAsync("default", "k")).IsAcquired);

        var name = WindowName.Of(Connection.Names, "default", "k");
        Assert.Equal("1", await Server.CommandAsync("EXISTS", System.Text.Encoding.UTF8.GetString(name.ToBytes())));
    }

    /// <summary>The system's monotonic clock, the next reading of which takes until it is released: it is what an answer begins with.</summary>
    private sealed class HoldingClock : TimeProvider
    {
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new();
        private int _isToHold;

        public Task Held => _held.Task.WaitAsync(TimeSpan.FromSeconds(30), System);

        public void Hold() => Volatile.Write(ref _isToHold, 1);

        public void Release() => _released.SetResult();

        public override long GetTimestamp()
        {
            if (Interlocked.Exchange(ref _isToHold, 0) == 1)
            {
                _held.SetResult();
                _released.Task.Wait();
            }

            return base.GetTimestamp();
        }
    }

    private static string Key(int number) => "key" + number.ToString(CultureInfo.InvariantCulture);
}
