using ScaleKit.RateLimiting;
using ScaleKit.RateLimiting.Tests;

namespace ScaleKit.Redis.Tests.RateLimiting;

/// <summary>The sums that <c>Acquire.lua</c> stores turn over, and so do its bucket numbers; what is rare rewrites them.</summary>
public sealed class AcquireScriptSumsTests : IAsyncLifetime
{
    private const long Second = 1_000_000;
    private const long Start = 1_800_000_000 * Second;
    private ClockedScript _script = null!;

    public async Task InitializeAsync() => _script = await ClockedScript.StartAsync();

    public async Task DisposeAsync() => await _script.DisposeAsync();

    [Theory]
    [InlineData(30_000)]
    [InlineData(1_000_000_000)]
    public void Acquire_SumsTurnOver_CountsAsTheExactLogWithinABucket(int limit)
    {
        var (log, policy, random) = (new ExactLog(), PolicyOf(limit), new Random(5));
        var (now, total) = (Start, 0L);
        for (var i = 0; i < 300; i++)
        {
            now += random.NextInt64(Second);
            var permits = limit / random.Next(2, 40);
            var answer = _script.Take("k", policy, permits, now);

            Assert.InRange(answer.Used, log.TakenAfter(now - (10 * Second)), log.TakenAfter(now - (10 * Second) - (Second * 10 / policy.Buckets)));
            if (answer.IsServed)
            {
                log.Add(now, permits);
                total += permits;
            }
        }

        Assert.True(total > (limit > 32_767 ? 2L * uint.MaxValue : 2L * ushort.MaxValue), $"only {total} were taken");
        Assert.InRange(log.MaximumInAnyWindow(10 * Second), 1, limit);
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(1_000_000)]
    public void Acquire_BucketNumbersTurnOver_CountsOn(int limit)
    {
        const long BucketWidth = 625_000;
        var policy = PolicyOf(limit);
        var turn = (1L << 32) * BucketWidth;
        foreach (var start in (long[])[turn - (3 * Second), turn - 1, turn])
        {
            var key = $"k{start}:{limit}";
            Assert.True(_script.Take(key, policy, 5, start).IsServed);
            Assert.True(_script.Take(key, policy, 2, start + (4 * Second)).IsServed);

            Assert.Equal(7, _script.Take(key, policy, 0, start + (4 * Second)).Used);
            Assert.Equal(2, _script.Take(key, policy, 0, start + (11 * Second)).Used);
            Assert.Equal(0, _script.Take(key, policy, 0, start + (15 * Second)).Used);
        }
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(1_000_000)]
    public void Acquire_LastMicrosecondOfABucket_CountsNoMoreWhatLeavesInIt(int limit)
    {
        var policy = PolicyOf(limit);
        var width = policy.Window.Ticks / TimeSpan.TicksPerMicrosecond / policy.Buckets;
        var end = Start - (Start % width) + width;
        _script.Take("k", policy, 5, end - 1);

        // What was taken in a bucket counts until one window after its end. The same bucket takes all of these.
        var left = end + (10 * Second) - 1;
        Assert.Equal(5, _script.Take("k", policy, 1, left - 2).Used);
        Assert.Equal(6, _script.Take("k", policy, 1, left - 1).Used);
        Assert.Equal(2, _script.Take("k", policy, 1, left).Used);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1_000)]
    [InlineData(1_000_000)]
    public void Refund_SomePermitsHaveLeft_GivesBackOfThoseThatStillCount(int limit)
    {
        var policy = PolicyOf(limit);
        _script.Take("k", policy, 5, Start);
        _script.Take("k", policy, 3, Start + (9 * Second));

        Assert.Equal(2, _script.Run("k", policy, AcquireKind.Refund, 2, Start + (11 * Second)).Served);

        Assert.Equal(1, _script.Take("k", policy, 0, Start + (11 * Second)).Used);
    }

    [Fact]
    public void Refund_MoreWasTakenUnderAHigherLimitThanASumHolds_ChangesNothing()
    {
        var (high, low) = (PolicyOf(1_000_000), PolicyOf(1_000));
        _script.Take("k", high, 65_536 + 500, Start);

        Assert.False(_script.Take("k", low, 1, Start).IsServed);
        Assert.Equal(0, _script.Run("k", low, AcquireKind.Refund, 10, Start).Served);

        Assert.False(_script.Take("k", low, 1, Start).IsServed);
        Assert.True(_script.Take("k", low, 1, Start + (11 * Second)).IsServed);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(1_000)]
    [InlineData(1_000_000)]
    public void Acquire_MoreAskWithoutTakingThanPermitsAreFree_AllAreToldAlike(int limit)
    {
        var policy = PolicyOf(limit);
        _script.Take("k", policy, limit - 2, Start);

        Assert.Equal(4, _script.Run("k", policy, AcquireKind.Take, 0, Start, callers: 4).Served);

        _script.Take("k", policy, 2, Start);
        var refused = _script.Run("k", policy, AcquireKind.Take, 0, Start, callers: 4);
        Assert.Equal((0, true), (refused.Served, refused.Retry > 0));
    }

    private static RateLimitPolicy PolicyOf(int limit) => new("p", limit, TimeSpan.FromSeconds(10));
}
