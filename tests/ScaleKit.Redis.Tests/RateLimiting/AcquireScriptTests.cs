using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using ScaleKit.RateLimiting;
using ScaleKit.RateLimiting.Tests;
using ScaleKit.TestKit;
using StackExchange.Redis;

namespace ScaleKit.Redis.Tests.RateLimiting;

/// <summary>The algorithm on a real server against the exact log, over arbitrary times and permits. A tick of the traffic is a microsecond here.</summary>
public sealed class AcquireScriptTests : IAsyncLifetime
{
    // A time of today, so that the numbers are as large as they really are.
    private const long Start = 1_800_000_000_000_000;
    private static readonly Config Some = Config.QuickThrowOnFailure.WithMaxTest(120);
    private ClockedScript _script = null!;
    private int _keys;

    public async Task InitializeAsync() => _script = await ClockedScript.StartAsync();

    public async Task DisposeAsync() => await _script.DisposeAsync();

    [Fact]
    public void Acquire_AnyTraffic_KeepsTheLimitInAnyWindowAndReturnsPermitsAtMostABucketLate() => Check.One(Some, Prop.ForAll(Traffic.Any, traffic =>
    {
        var (log, policy, window) = (new ExactLog(), PolicyOf(traffic), traffic.Policy.Window.Ticks);
        var lateness = Math.Ceiling((double)window / policy.Buckets);
        Play(traffic, policy, (key, call, now, answer) =>
        {
            var counts = log.TakenAfter(now - window - (long)lateness);
            Assert.True(answer.IsServed || counts + Math.Max(1, call.Permits) > policy.Limit, "refused without need");
            Record(log, call, now, answer);
        });
        Assert.InRange(log.MaximumInAnyWindow(window), 0, policy.Limit);
    }));

    [Fact]
    public void Acquire_LimitUpToBucketsPlusOne_AnswersAsTheExactLog() => Check.One(Some, Prop.ForAll(Traffic.Small, traffic =>
    {
        var (log, policy) = (new ExactLog(), PolicyOf(traffic));
        Play(traffic, policy, (key, call, now, answer) =>
        {
            var counts = log.TakenAfter(now - traffic.Policy.Window.Ticks);
            Assert.Equal((counts, counts + Math.Max(1, call.Permits) <= policy.Limit), (answer.Used, answer.IsServed));
            Record(log, call, now, answer);
        });
    }));

    [Fact]
    public void Acquire_AnyTraffic_RetryAfterAndResetAreExact() => Check.One(Some, Prop.ForAll(Traffic.Any, traffic =>
    {
        var policy = PolicyOf(traffic);
        Play(traffic, policy, (key, call, now, answer) =>
        {
            if (!answer.IsServed)
            {
                Assert.True(answer.Retry > 0);
                Assert.False(_script.Try(key, policy, call.Permits, now + answer.Retry - 1).IsServed);
                Assert.True(_script.Try(key, policy, call.Permits, now + answer.Retry).IsServed);
            }

            Assert.True(_script.Try(key, policy, policy.Limit, now + answer.Reset).IsServed);
            Assert.True(answer.Reset == 0 || !_script.Try(key, policy, policy.Limit, now + answer.Reset - 1).IsServed);
        });
    }));

    [Fact]
    public void Acquire_Refused_ChangesNothing() => Check.One(Some, Prop.ForAll(Traffic.Any, traffic =>
    {
        var policy = PolicyOf(traffic);
        var before = RedisValue.Null;
        Play(traffic, policy, (key, call, now, answer) =>
        {
            var after = _script.Database.StringGet(key);
            Assert.True((answer.IsServed && call.Permits > 0) || after == before);
            before = after;
        });
    }));

    [Fact]
    public void Acquire_PolicyChangesOnTheWay_NeverMoreThanTheLimitOfTheMoment()
    {
        var pairs = from a in Traffic.Any.Generator from b in Traffic.Any.Generator select (a, b);
        Check.One(Some, Prop.ForAll(pairs.ToArbitrary(), both =>
        {
            var log = new ExactLog();
            var (key, now) = (NewKey(), Start);
            foreach (var traffic in (Traffic[])[both.a, both.b])
            {
                var policy = PolicyOf(traffic);
                foreach (var call in traffic.Calls)
                {
                    now += call.Pause;
                    var before = log.TakenAfter(now - traffic.Policy.Window.Ticks);
                    if (_script.Take(key, policy, call.Permits, now).IsServed)
                    {
                        log.Add(now, call.Permits);

                        // A permit that had left a shorter window is unknown to a longer one: judge only what both windows saw.
                        Assert.True(traffic.Policy.Window > both.a.Policy.Window || before + call.Permits <= policy.Limit);
                    }
                }
            }
        }));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(100)]
    [InlineData(100_000)]
    public void Acquire_ServersClockGoesBack_NothingReturnsEarlyAndNothingWaitsLongerThanTwoWindows(int limit)
    {
        var policy = new RateLimitPolicy("p", limit, TimeSpan.FromSeconds(10));
        foreach (var back in (int[])[1, 3, 9, 11, 3_600])
        {
            var key = NewKey();
            var now = Start;
            _script.Take(key, policy, limit - 1, now);
            now -= back * 1_000_000L;

            Assert.True(_script.Take(key, policy, 1, now).IsServed);
            var refused = _script.Take(key, policy, 1, now);

            Assert.False(refused.IsServed);
            Assert.False(_script.Take(key, policy, 1, now + 9_999_999).IsServed);
            Assert.InRange(refused.Retry, 10_000_000, 21_000_000);
            Assert.True(_script.Take(key, policy, limit, now + refused.Reset).IsServed);
        }
    }

    [Fact]
    public void Acquire_SeveralCallersInOneCall_AreServedInOrderAsOneAfterTheOther() => Check.One(Some, Prop.ForAll(Traffic.Any, traffic =>
    {
        var policy = PolicyOf(traffic);
        var (one, many) = (NewKey(), NewKey());
        var request = new AcquireRequest();
        request.Key(WindowShape.Of(policy));
        var expected = new List<(long, TimeSpan)>();
        foreach (var call in traffic.Calls)
        {
            var answer = _script.Take(one, policy, call.Permits, Start);
            expected.Add((answer.Served, answer.RetryAfter));
            request.Run(AcquireKind.Take, call.Permits, 1);
        }

        var reply = new AcquireReply(_script.Send([many], request, Start));
        reply.Key();
        foreach (var pair in expected)
        {
            Assert.Equal(pair, reply.Run());
        }

        Assert.Equal(_script.Take(one, policy, 0, Start), _script.Take(many, policy, 0, Start));
    }));

    [Theory]
    [InlineData(4)]
    [InlineData(1_000)]
    public void Acquire_OneKeyTwiceInOneCall_CountsBoth(int limit)
    {
        var policy = new RateLimitPolicy("p", limit, TimeSpan.FromSeconds(10));
        foreach (var atomic in (bool[])[false, true])
        {
            var key = NewKey();
            var request = new AcquireRequest();
            for (var i = 0; i < 2; i++)
            {
                request.Key(WindowShape.Of(policy));
                request.Run(AcquireKind.Take, (limit / 2) + 1 - i, 1);
            }

            _script.Send([key, key], request, Start, atomic);

            Assert.Equal(atomic ? 0 : (limit / 2) + 1, _script.Take(key, policy, 0, Start).Used);
        }
    }

    [Fact]
    public void Refund_WithinOneWindow_NeverMoreThanTheLimitWasUsedInAnyWindow() => Check.One(Some, Prop.ForAll(Traffic.Any, traffic =>
    {
        var (log, policy, window) = (new ExactLog(), PolicyOf(traffic), traffic.Policy.Window.Ticks);
        var (key, now) = (NewKey(), Start);
        (long At, int Permits) last = default;
        foreach (var call in traffic.Calls)
        {
            now += call.Pause;
            if (now - last.At >= window)
            {
                last = default;
            }
            else if (last.Permits > 1 && now - last.At > window / 3)
            {
                _script.Run(key, policy, AcquireKind.Refund, last.Permits / 2, now);
                log.Add(last.At, -(last.Permits / 2));
                last = default;
            }

            if (_script.Take(key, policy, call.Permits, now).IsServed)
            {
                log.Add(now, call.Permits);
                last = last.Permits > 1 ? last : (now, call.Permits);
            }
        }

        Assert.InRange(log.MaximumInAnyWindow(window), 0, policy.Limit);
    }));

    [Theory]
    [InlineData(10)]
    [InlineData(1_000)]
    [InlineData(1_000_000)]
    public void Refund_AndCharge_MoveTheCount(int limit)
    {
        var policy = new RateLimitPolicy("p", limit, TimeSpan.FromSeconds(10));
        var key = NewKey();
        _script.Take(key, policy, 3, Start);
        _script.Take(key, policy, 4, Start + 3_000_000);

        Assert.Equal(5, _script.Run(key, policy, AcquireKind.Refund, 5, Start + 3_000_000).Served);
        Assert.Equal(2, _script.Take(key, policy, 0, Start + 3_000_000).Used);
        Assert.Equal(2, _script.Run(key, policy, AcquireKind.Refund, 9, Start + 3_000_000).Served);
        Assert.Equal(0, _script.Run(key, policy, AcquireKind.Refund, 1, Start + 3_000_000).Served);
        Assert.False(_script.Database.KeyExists(key));

        Assert.Equal(2 * limit, _script.Run(key, policy, AcquireKind.Charge, 3 * limit, Start).Served);
        Assert.False(_script.Take(key, policy, 1, Start + 9_000_000).IsServed);
        Assert.True(_script.Take(key, policy, limit, Start + 11_000_000).IsServed);
    }

    [Fact]
    public async Task Acquire_TenThousandFullKeys_TakeAtMost200BytesEach()
    {
        const int Keys = 10_000;
        var names = new RedisNames("scalekit");
        var keys = Enumerable.Range(0, Keys).Select(i => WindowName.Of(names, "api/data", "user:" + i.ToString(CultureInfo.InvariantCulture)).Key).ToArray();

        // Once before, so that the buffers of the connection have grown already.
        Fill(keys);
        await _script.Server.CommandAsync("FLUSHALL");
        var before = await UsedMemoryAsync();
        Fill(keys);

        Assert.Equal(44, _script.Database.StringLength(keys[7]));
        await Eventually.HoldsAsync(async () => await UsedMemoryAsync() - before <= Keys * 200L, "at most 200 bytes a key");
    }

    /// <summary>Every bucket of every window is in use, which is the most that a key can hold.</summary>
    private void Fill(RedisKey[] keys)
    {
        var policy = new RateLimitPolicy("api/data", 1_000, TimeSpan.FromMinutes(1));
        foreach (var chunk in keys.Chunk(500))
        {
            for (var bucket = 0; bucket <= policy.Buckets; bucket++)
            {
                var request = new AcquireRequest();
                foreach (var _ in chunk)
                {
                    request.Key(WindowShape.Of(policy));
                    request.Run(AcquireKind.Take, 50, 1);
                }

                _script.Send(chunk, request, (Start / 3_750_000 * 3_750_000) + 2_000_000 + (bucket * 3_750_000L));
            }

            foreach (var key in chunk)
            {
                _script.Database.KeyExpire(key, TimeSpan.FromHours(1));
            }
        }
    }

    private async ValueTask<long> UsedMemoryAsync() => long.Parse(await _script.Server.InfoAsync("used_memory"), CultureInfo.InvariantCulture);

    private static RateLimitPolicy PolicyOf(Traffic traffic) =>
        new("p", traffic.Policy.Limit, TimeSpan.FromMicroseconds(traffic.Policy.Window.Ticks), traffic.Policy.Buckets);

    private static void Record(ExactLog log, TrafficCall call, long now, ScriptAnswer answer)
    {
        if (answer.IsServed)
        {
            log.Add(now, call.Permits);
        }
    }

    private void Play(Traffic traffic, RateLimitPolicy policy, Action<string, TrafficCall, long, ScriptAnswer> seen)
    {
        var (key, now) = (NewKey(), Start);
        foreach (var call in traffic.Calls)
        {
            now += call.Pause;
            seen(key, call, now, _script.Take(key, policy, call.Permits, now));
        }
    }

    private string NewKey() => "k" + Interlocked.Increment(ref _keys).ToString(CultureInfo.InvariantCulture);
}
