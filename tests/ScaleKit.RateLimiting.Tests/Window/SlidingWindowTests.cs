using FsCheck;
using FsCheck.Fluent;

namespace ScaleKit.RateLimiting.Tests;

/// <summary>The algorithm against the exact log, over arbitrary times and permits.</summary>
public sealed class SlidingWindowTests
{
    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(1500);

    [Fact]
    public void Decide_AnyTraffic_NeverMoreThanTheLimitInAnyWindow() => Check.One(Thorough, Prop.ForAll(Traffic.Any, traffic =>
    {
        var log = new ExactLog();
        Play(traffic, (call, now, decision, _) => Record(log, call, now, decision));
        return log.MaximumInAnyWindow(traffic.Policy.Window.Ticks) <= traffic.Policy.Limit;
    }));

    [Fact]
    public void Decide_AnyTraffic_PermitReturnsAtMostOneBucketLate() => Check.One(Thorough, Prop.ForAll(Traffic.Any, traffic =>
    {
        var log = new ExactLog();
        var policy = traffic.Policy;
        var lateness = policy.Window.Ticks / policy.Buckets;
        var allJust = true;
        Play(traffic, (call, now, decision, _) =>
        {
            // Refused only if the permits that may still count, one bucket of lateness granted, leave too little.
            var mayCount = log.TakenAfter(now - policy.Window.Ticks - lateness);
            allJust &= decision.IsAcquired || mayCount + Math.Max(1, call.Permits) > policy.Limit;
            Record(log, call, now, decision);
        });
        return allJust;
    }));

    [Fact]
    public void Decide_LimitUpToBucketsPlusOne_AnswersAsTheExactLog() => Check.One(Thorough, Prop.ForAll(Traffic.Small, traffic =>
    {
        var log = new ExactLog();
        var same = true;
        Play(traffic, (call, now, decision, _) =>
        {
            var counts = log.TakenAfter(now - traffic.Policy.Window.Ticks);
            var fits = counts + Math.Max(1, call.Permits) <= traffic.Policy.Limit;
            var left = traffic.Policy.Limit - counts - (fits ? call.Permits : 0);
            same &= decision.IsAcquired == fits && decision.Remaining == left;
            Record(log, call, now, decision);
        });
        return same;
    }));

    [Fact]
    public void Decide_Refused_RetryAfterIsTheFirstTickAtWhichItIsAcquired() => Check.One(Thorough, Prop.ForAll(Traffic.Any, traffic =>
    {
        var exact = true;
        Play(traffic, (call, now, decision, window) =>
        {
            if (decision.IsAcquired)
            {
                exact &= decision.RetryAfter == TimeSpan.Zero;
                return;
            }

            var free = now + decision.RetryAfter.Ticks;
            var earlier = window.Copy();
            var then = window.Copy();
            exact &= decision.RetryAfter > TimeSpan.Zero
                && !earlier.Decide(call.Permits, free - 1, traffic.Policy).IsAcquired
                && then.Decide(call.Permits, free, traffic.Policy).IsAcquired;
        });
        return exact;
    }));

    [Fact]
    public void Decide_AnyTraffic_RemainingIsWhatCanBeTakenAndResetIsWhenAllIs() => Check.One(Thorough, Prop.ForAll(Traffic.Any, traffic =>
    {
        var exact = true;
        Play(traffic, (_, now, decision, window) =>
        {
            var policy = traffic.Policy;
            var all = window.Copy();
            var tooMany = window.Copy();
            exact &= decision.Remaining == 0 || all.Decide(decision.Remaining, now, policy).IsAcquired;
            exact &= decision.Remaining == policy.Limit || !tooMany.Decide(decision.Remaining + 1, now, policy).IsAcquired;

            var reset = now + decision.ResetAfter.Ticks;
            var early = window.Copy();
            var late = window.Copy();
            exact &= late.Decide(policy.Limit, reset, policy).IsAcquired;
            exact &= decision.ResetAfter == TimeSpan.Zero || !early.Decide(policy.Limit, reset - 1, policy).IsAcquired;
        });
        return exact;
    }));

    [Fact]
    public void Decide_AnyTraffic_HoldsAtMostBucketsPlusOneSlots() => Check.One(Thorough, Prop.ForAll(Traffic.Any, traffic =>
    {
        var bounded = true;
        Play(traffic, (_, _, _, window) => bounded &= window.SlotCount <= traffic.Policy.Buckets + 1);
        return bounded;
    }));

    [Fact]
    public void TryJoin_AnyTrafficAndInexactTime_DoesWhatTheExactTimeWould()
    {
        var joined = 0;
        Check.One(Thorough, Prop.ForAll(Traffic.Any, traffic =>
        {
            var (window, now, same, random) = (default(SlidingWindow), 1_000_000L, true, new Random(traffic.Calls.Count));
            foreach (var call in traffic.Calls)
            {
                now += call.Pause;
                var bucket = (int)traffic.Policy.BucketTicks;
                var (earliest, latest) = (now - random.Next(bucket), now + 1 + random.Next(bucket));
                var inexact = window.Copy();
                var exact = window.Decide(call.Permits, now, traffic.Policy);
                if (inexact.TryJoin(call.Permits, earliest, latest, traffic.Policy, out var decision))
                {
                    joined++;
                    same &= (decision.Outcome, decision.Remaining, decision.ResetAfter.Ticks) == (exact.Outcome, exact.Remaining, exact.ResetAfter.Ticks + now - earliest);

                    // The two windows answer alike ever after.
                    var later = window.Copy();
                    same &= later.Decide(traffic.Policy.Limit, now, traffic.Policy) == inexact.Decide(traffic.Policy.Limit, now, traffic.Policy);
                }
            }

            return same;
        }));
        Assert.True(joined > 100, $"{joined} calls were decided so");
    }

    [Fact]
    public void Decide_PolicyChangesOnTheWay_NeverMoreThanTheLimitOfTheMoment()
    {
        var pairs = from a in Traffic.Any.Generator from b in Traffic.Any.Generator select (a, b);
        Check.One(Thorough, Prop.ForAll(pairs.ToArbitrary(), both =>
        {
            var log = new ExactLog();
            var window = default(SlidingWindow);
            var now = 1_000_000L;
            var held = true;

            void Run(Traffic traffic)
            {
                foreach (var call in traffic.Calls)
                {
                    now += call.Pause;
                    var before = log.TakenAfter(now - traffic.Policy.Window.Ticks);
                    if (window.Decide(call.Permits, now, traffic.Policy).IsAcquired)
                    {
                        log.Add(now, call.Permits);

                        // A permit that had left a shorter window is unknown to a longer one: judge only what both windows saw.
                        held &= traffic.Policy.Window > both.a.Policy.Window || before + call.Permits <= traffic.Policy.Limit;
                    }

                    held &= window.SlotCount <= Math.Max(both.a.Policy.Buckets, both.b.Policy.Buckets) + 1;
                }
            }

            Run(both.a);
            window.Reshape(now);
            Run(both.b);
            return held;
        }));
    }

    [Fact]
    public void Decide_OldestBucketPartlyInWindow_CountsItWhole()
    {
        // Four buckets of 25 ms. Five slots fill up within the first two buckets; the sixth joins what shares a bucket.
        var policy = new RateLimitPolicy("p", 8, TimeSpan.FromMilliseconds(100), 4);
        var window = default(SlidingWindow);
        foreach (var at in (int[])[0, 1, 2, 3, 26, 27])
        {
            Assert.True(window.Decide(1, Milliseconds(at), policy).IsAcquired);
        }

        // 0..3 ms lie in the bucket that ends at 25 ms: at 124 ms all four still count, at 125 ms none does.
        var before = window.Copy();
        var at125 = window.Copy();
        Assert.False(before.Decide(3, Milliseconds(125) - 2, policy).IsAcquired);
        Assert.True(at125.Decide(6, Milliseconds(125) - 1, policy).IsAcquired);
    }

    [Fact]
    public void Refund_WithinOneWindow_NeverMoreThanTheLimitWasUsedInAnyWindow() => Check.One(Thorough, Prop.ForAll(Traffic.Any, traffic =>
    {
        var (log, window, policy, now) = (new ExactLog(), default(SlidingWindow), traffic.Policy, 0L);
        (long At, int Permits) last = default;
        foreach (var call in traffic.Calls)
        {
            now += call.Pause;
            if (now - last.At >= policy.Window.Ticks)
            {
                last = default;
            }
            else if (last.Permits > 1 && now - last.At > policy.Window.Ticks / 3)
            {
                // Half of what an earlier call took was not used; others took permits meanwhile.
                window.Expire(now, policy.Window.Ticks);
                window.Refund(last.Permits / 2);
                log.Add(last.At, -(last.Permits / 2));
                last = default;
            }

            if (window.Decide(call.Permits, now, policy).IsAcquired)
            {
                log.Add(now, call.Permits);
                last = last.Permits > 1 ? last : (now, call.Permits);
            }
        }

        return log.MaximumInAnyWindow(policy.Window.Ticks) <= policy.Limit;
    }));

    [Fact]
    public void Give_WhatWasJustTaken_LeavesWhatWasThere()
    {
        var policy = new RateLimitPolicy("p", 5, TimeSpan.FromSeconds(1));
        var window = default(SlidingWindow);
        window.Decide(2, 100, policy);

        window.Decide(3, 200, policy);
        window.Give(3);

        Assert.Equal(2, window.Used);
        Assert.Equal(TimeSpan.FromTicks(TimeSpan.TicksPerSecond - 100), window.Decide(0, 200, policy).ResetAfter);
    }

    [Fact]
    public void Reshape_WiderBucketReachesBeyondNow_EndsAtNow()
    {
        var wide = new RateLimitPolicy("p", 3, TimeSpan.FromHours(1), 1);
        var narrow = new RateLimitPolicy("p", 3, TimeSpan.FromSeconds(1), 1);
        var window = default(SlidingWindow);
        foreach (var at in (long[])[0, 1, 2])
        {
            window.Decide(1, at, wide);
        }

        window.Reshape(2);

        Assert.Equal(TimeSpan.FromSeconds(1), window.Decide(3, 2, narrow).RetryAfter);
    }

    private static long Milliseconds(int value) => value * TimeSpan.TicksPerMillisecond;

    private static void Record(ExactLog log, TrafficCall call, long now, RateLimitDecision decision)
    {
        if (decision.IsAcquired)
        {
            log.Add(now, call.Permits);
        }
    }

    private delegate void Seen(TrafficCall call, long now, RateLimitDecision decision, SlidingWindow window);

    private static void Play(Traffic traffic, Seen seen)
    {
        var window = default(SlidingWindow);
        var now = 1_000_000L;
        foreach (var call in traffic.Calls)
        {
            now += call.Pause;
            var decision = window.Decide(call.Permits, now, traffic.Policy);
            seen(call, now, decision, window);
        }
    }
}
