using ScaleKit.RateLimiting;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.RateLimiting;

public sealed class RedisRateLimitLeaseTests : OnItsOwnServer
{
    // Its buckets are weeks: none ends during a test unless the test says so.
    private static readonly TimeSpan Window = TimeSpan.FromDays(320);
    private static readonly RateLimitPolicy Hot = new("hot", 10_000, Window) { LeaseLimit = 200 };

    [Fact]
    public async Task AcquireAsync_HotKey_AsksRedisEverLessAndCountsEveryPermit()
    {
        using var store = new RedisRateLimitStore(Connection, Patient);
        var calls = await Server.ScriptCallsAsync();

        for (var i = 0; i < 2_000; i++)
        {
            Assert.Equal(RateLimitOutcome.Acquired, (await store.AcquireAsync(new RateLimitCharge(Hot, "k"))).Outcome);
        }

        // Twenty calls would be those of leases of a hundred; the first ones are small.
        Assert.InRange(await Server.ScriptCallsAsync() - calls, 2, 100);
        Assert.Equal(RateLimitOutcome.Acquired, (await store.AcquireAsync(new RateLimitCharge(Hot, "k", 2_500))).Outcome);
    }

    [Fact]
    public async Task AcquireAsync_ThreeNodesTakeAhead_NeverMoreThanTheLimitAndHardlyLess()
    {
        var policy = new RateLimitPolicy("three", 1_000, Window) { LeaseLimit = 50 };
        var stores = Enumerable.Range(0, 3).Select(_ => new RedisRateLimitStore(Connection, Patient)).ToArray();

        var acquired = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(async () =>
        {
            var taken = 0;
            for (var n = 0; n < 200; n++)
            {
                taken += (await stores[i % 3].AcquireAsync(new RateLimitCharge(policy, "k"))).IsAcquired ? 1 : 0;
            }

            return taken;
        })));

        // Each node uses up its own lease before it is refused.
        Assert.Equal(1_000, acquired.Sum());
        Array.ForEach(stores, store => store.Dispose());
    }

    [Fact]
    public async Task AcquireAsync_LeaseNotUsed_GoesBackWhenItsBucketEnds()
    {
        var clock = new ManualTimeProvider();
        using var store = new RedisRateLimitStore(Connection, Patient, clock);
        for (var i = 0; i < 40; i++)
        {
            await store.AcquireAsync(new RateLimitCharge(Hot, "idle"));
        }

        using var other = new RedisRateLimitStore(Connection, Patient);
        var before = (await other.AcquireAsync(new RateLimitCharge(Hot, "idle", 0))).Remaining;
        Assert.InRange(before, 9_700, 9_959);

        // By the node's clock the bucket has ended, by the server's it has not: it gives back.
        clock.Advance(Window / 15);
        await Eventually.HoldsAsync(async () => (await other.AcquireAsync(new RateLimitCharge(Hot, "idle", 0))).Remaining == 9_960, "what was not used is free again");
    }

    [Fact]
    public async Task AcquireAsync_BucketLongerThanATimerCanWait_TakesAheadAllTheSame()
    {
        using var store = new RedisRateLimitStore(Connection, Patient);
        var charge = new RateLimitCharge(new RateLimitPolicy("year", 10_000, TimeSpan.FromDays(366), buckets: 2) { LeaseLimit = 50 }, "k");

        await Eventually.HoldsAsync(
            async () => (await store.AcquireAsync(charge).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System)).IsAcquired && store.AttemptAcquire(charge).IsAcquired,
            "something was taken ahead");
    }

    [Fact]
    public async Task AttemptAcquire_PermitsTakenAhead_AcquiresWithoutAsking()
    {
        using var store = new RedisRateLimitStore(Connection, Patient);
        var charge = new RateLimitCharge(Hot, "sync");
        await Eventually.HoldsAsync(
            async () => (await store.AcquireAsync(charge)).IsAcquired && store.AttemptAcquire(charge).Outcome == RateLimitOutcome.Acquired,
            "something was taken ahead");
    }

    [Fact]
    public async Task AcquireAsync_SmallLimit_TakesNothingAhead()
    {
        using var store = new RedisRateLimitStore(Connection, Patient);
        var policy = new RateLimitPolicy("small", 17, Window) { LeaseLimit = 100 };
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(16 - i, (await store.AcquireAsync(new RateLimitCharge(policy, "k"))).Remaining);
            Assert.Equal(RateLimitOutcome.Undecided, store.AttemptAcquire(new RateLimitCharge(policy, "k")).Outcome);
        }
    }
}
