using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using ScaleKit.RateLimiting;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.RateLimiting;

/// <summary>Redis slow, down, back, moved and promoted; several nodes.</summary>
public sealed class RedisRateLimitFaultTests : IAsyncLifetime
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly RedisRateLimitOptions Patient = new() { Timeout = TimeSpan.FromSeconds(30), WhenUnavailable = RateLimitFallback.Closed };
    private RedisServer _server = null!;

    public async Task InitializeAsync() => _server = await RedisServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    /// <summary>Two are under way and the others stand in line when their time ends; the time of the next one begins with itself.</summary>
    [Fact]
    public async Task AcquireAsync_AfterALineThatRanOutOfTime_AsksRedisAgain()
    {
        await using var connection = await Connect.To(_server).ReadyAsync();
        using var store = new RedisRateLimitStore(connection, new RedisRateLimitOptions { Timeout = TimeSpan.FromSeconds(2), WhenUnavailable = RateLimitFallback.Closed });
        var charge = new RateLimitCharge(new RateLimitPolicy("p", 100, Hour), "k");
        Assert.True((await store.AcquireAsync(charge)).IsAcquired);
        _server.Pause();

        var late = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => store.AcquireAsync(charge).AsTask()));
        Assert.All(late, decision => Assert.False(decision.IsAcquired));
        _server.Resume();

        Assert.True((await store.AcquireAsync(charge)).IsAcquired);
    }

    [Fact]
    public async Task AcquireAsync_ServerSilent_EveryCallEndsByItsTimeoutAndNotBefore()
    {
        var clock = new ManualTimeProvider();
        await using var connection = await Connect.To(_server, o => o.CallTimeout = TimeSpan.FromMinutes(1)).ReadyAsync();
        using var store = new RedisRateLimitStore(connection, new RedisRateLimitOptions { WhenUnavailable = RateLimitFallback.Closed, Timeout = TimeSpan.FromSeconds(0.5) }, clock);
        var policy = new RateLimitPolicy("p", 100, Hour);
        Assert.True((await store.AcquireAsync(new RateLimitCharge(policy, "k"))).IsAcquired);
        _server.Pause();
        try
        {
            // Two of them are under way and the others wait in the queue, the last ones for less long.
            var early = Start(store, policy, 20);
            clock.Advance(TimeSpan.FromSeconds(0.3));
            var late = Start(store, policy, 20);
            clock.Advance(TimeSpan.FromSeconds(0.199));
            Assert.DoesNotContain(early.Concat(late), call => call.IsCompleted);

            clock.Advance(TimeSpan.FromSeconds(0.002));

            Assert.All(await Task.WhenAll(early).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System), decision => Assert.Equal(RateLimitOutcome.Refused, decision.Outcome));
            Assert.All(await Task.WhenAll(late).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System), decision => Assert.Equal(RateLimitOutcome.Refused, decision.Outcome));
        }
        finally
        {
            _server.Resume();
        }

        await Eventually.HoldsAsync(async () => (await store.AcquireAsync(new RateLimitCharge(policy, "other"))).IsAcquired, "Redis counts again");
    }

    [Fact]
    public async Task AcquireAsync_ServerDown_LocalWindowBeginsWithWhatTheNodeKnows()
    {
        await using var connection = await Connect.To(_server).ReadyAsync();
        using var store = new RedisRateLimitStore(connection, new RedisRateLimitOptions { Timeout = TimeSpan.FromSeconds(30), Nodes = 2 });
        var policy = new RateLimitPolicy("p", 40, Hour);
        Assert.Equal(10, (await store.AcquireAsync(new RateLimitCharge(policy, "k", 30))).Remaining);
        await _server.KillAsync();

        // A share of 20, of which half of the 30 is gone.
        Assert.Equal(5, await CountAsync(store, policy, "k", 20));
        Assert.Equal(20, await CountAsync(store, policy, "never asked for", 30));
        Assert.False((await store.AcquireAllAsync(new[] { new RateLimitCharge(policy, "k"), new RateLimitCharge(policy, "third") })).IsAcquired);
    }

    [Fact]
    public async Task AcquireAsync_PrimaryKilledAndReplicaPromoted_GoesOnWithItsCount()
    {
        await using var pair = await RedisReplicaPair.StartAsync();
        await using var connection = await Connect.To(pair.ConnectionString, o => (o.CallTimeout, o.BreakerPause, o.BreakerMinimumCalls) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(0.5), 2)).ReadyAsync();
        using var store = new RedisRateLimitStore(connection, new RedisRateLimitOptions { Timeout = TimeSpan.FromSeconds(2), WhenUnavailable = RateLimitFallback.Closed });
        var policy = new RateLimitPolicy("p", 100, Hour);
        await Eventually.HoldsAsync(async () => (await store.AcquireAsync(new RateLimitCharge(policy, "k", 10))).IsAcquired, "the first call");
        await pair.CatchUpAsync();

        await pair.Primary.KillAsync();
        Assert.False((await store.AcquireAsync(new RateLimitCharge(policy, "k"))).IsAcquired);
        await pair.PromoteReplicaAsync(oldPrimaryFollows: false);

        await Eventually.HoldsAsync(async () => (await store.AcquireAsync(new RateLimitCharge(policy, "k", 0))) is { IsAcquired: true, Remaining: > 0 and <= 90 }, "the new primary counts on");
    }

    [Fact]
    public async Task AcquireAsync_SlotMovesUnderTraffic_NeverMoreThanTheLimit()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var connection = await Connect.To(cluster.ConnectionString).ReadyAsync();
        using var store = new RedisRateLimitStore(connection, Patient);
        var policy = new RateLimitPolicy("p", 2_000, Hour);
        var slot = connection.SlotOf(WindowName.Of(connection.Names, "p", "k"));
        var callers = Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await CountAsync(store, policy, "k", 300))).ToArray();

        for (var i = 0; i < 2; i++)
        {
            await cluster.MoveSlotAsync(slot, cluster.Nodes.First(node => node != cluster.OwnerOf(slot)));
        }

        var taken = (await Task.WhenAll(callers)).Sum();
        await Eventually.HoldsAsync(async () => (await store.AcquireAsync(new RateLimitCharge(policy, "k", 0))).RetryAfter is var wait && (wait == TimeSpan.Zero || wait > TimeSpan.FromMinutes(50)), "the slot has settled");
        taken += await CountAsync(store, policy, "k", 2_000 - taken + 1);

        // A call that the move cut off may have been counted for nobody.
        Assert.InRange(taken, 1_900, 2_000);
        Assert.False((await store.AcquireAsync(new RateLimitCharge(policy, "k"))).IsAcquired);
    }

    [Fact]
    public async Task AcquireAsync_ClusterNotReachedYet_EveryCallIsCountedOnce()
    {
        await using var cluster = await RedisCluster.StartAsync();
        var policy = new RateLimitPolicy("p", 1_000, Hour);
        var keys = Enumerable.Range(0, 40).Select(i => string.Create(CultureInfo.InvariantCulture, $"key{i}")).ToArray();

        // Calls go on while the connection comes up: none may be sent with keys of another slot, wait in two lines at once, or in none.
        for (var round = 1; round <= 5; round++)
        {
            await using var connection = Connect.To(cluster.ConnectionString, o => o.CallTimeout = TimeSpan.FromMinutes(1));
            using var store = new RedisRateLimitStore(connection, Patient);
            var calls = keys.SelectMany(key => Enumerable.Range(0, 4).Select(_ => Task.Run(() => CountAsync(store, policy, key, 5)))).ToArray();

            Assert.Equal(20 * keys.Length, (await Task.WhenAll(calls).WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System)).Sum());
            foreach (var key in keys)
            {
                Assert.Equal(1_000 - (20 * round), (await store.AcquireAsync(new RateLimitCharge(policy, key, 0))).Remaining);
            }
        }
    }

    [Fact]
    public async Task SettleAsync_OnAnotherNode_IsHeardHereWhenTheRefusalEnds()
    {
        var clock = new ManualTimeProvider();
        await using var connection = await Connect.To(_server).ReadyAsync();
        using var here = new RedisRateLimitStore(connection, Patient, clock);
        using var there = new RedisRateLimitStore(connection, Patient);
        var policy = new RateLimitPolicy("p", 3, Hour);
        await there.AcquireAsync(new RateLimitCharge(policy, "k", 3));
        var refused = await here.AcquireAsync(new RateLimitCharge(policy, "k"));

        await there.SettleAsync(new RateLimitCharge(policy, "k", 3), actual: 0);

        Assert.True((await there.AcquireAsync(new RateLimitCharge(policy, "k"))).IsAcquired);
        Assert.False((await here.AcquireAsync(new RateLimitCharge(policy, "k"))).IsAcquired);
        clock.Advance(refused.RetryAfter);
        Assert.Equal(1, (await here.AcquireAsync(new RateLimitCharge(policy, "k"))).Remaining);
    }

    [Fact]
    public async Task Meter_AnswersByTheirSource_AreCounted()
    {
        using var factory = new OwnMeters();
        var seen = new ConcurrentQueue<(string Instrument, long Value, string? Source)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => seen.Enqueue((i.Name, value, tags.Length == 1 ? (string?)tags[0].Value : null)));
        listener.SetMeasurementEventCallback<int>((i, value, _, _) => seen.Enqueue((i.Name, value, null)));
        listener.Start();
        await using var connection = await Connect.To(_server).ReadyAsync();
        using var store = new RedisRateLimitStore(connection, new RedisRateLimitOptions { Timeout = TimeSpan.FromSeconds(30) }, meterFactory: factory);
        var (narrow, hot) = (new RateLimitPolicy("narrow", 1, Hour), new RateLimitPolicy("hot", 10_000, Hour) { LeaseLimit = 100 });

        await CountAsync(store, narrow, "k", 4);
        await CountAsync(store, hot, "k", 50);
        await _server.KillAsync();
        await CountAsync(store, hot, "other", 1);

        long Sum(string source) => seen.Where(m => m.Instrument == RedisDiagnostics.RateLimitAnswers && m.Source == source).Sum(m => m.Value);
        Assert.Equal((2L, 1L), (Sum("refusal"), Sum("fallback")));
        Assert.Equal(52, Sum("redis") + Sum("lease"));
        Assert.InRange(Sum("lease"), 1, 49);
        Assert.Contains(seen, m => m is { Instrument: RedisDiagnostics.RateLimitBatch, Value: 1 });
    }

    private static Task<RateLimitDecision>[] Start(RedisRateLimitStore store, RateLimitPolicy policy, int calls) =>
        [.. Enumerable.Range(0, calls).Select(_ => store.AcquireAsync(new RateLimitCharge(policy, "k")).AsTask())];

    private static async Task<int> CountAsync(RedisRateLimitStore store, RateLimitPolicy policy, string key, int calls)
    {
        var acquired = 0;
        for (var i = 0; i < calls; i++)
        {
            acquired += (await store.AcquireAsync(new RateLimitCharge(policy, key))).IsAcquired ? 1 : 0;
        }

        return acquired;
    }
}
