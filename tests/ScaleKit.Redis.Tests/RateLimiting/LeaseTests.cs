using FsCheck;
using FsCheck.Fluent;
using ScaleKit.RateLimiting;
using ScaleKit.RateLimiting.Tests;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.RateLimiting;

/// <summary>Nodes that take permits ahead from the script of a real server, each with a clock of its own; one microsecond after the other.</summary>
public sealed class LeaseTests : IAsyncLifetime
{
    private const long Start = 1_800_000_000_000_000;
    private ClockedScript _script = null!;
    private int _keys;

    public async Task InitializeAsync() => _script = await ClockedScript.StartAsync();

    public async Task DisposeAsync() => await _script.DisposeAsync();

    [Fact]
    public void TryTake_NodesWithClocksApart_NeverMoreThanTheLimitInAnyWindow()
    {
        var used = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150), Prop.ForAll(Steps.ToArbitrary(), steps =>
        {
            var policy = new RateLimitPolicy("p", 40, TimeSpan.FromMicroseconds(16_000), buckets: 8) { LeaseLimit = 20 };
            var (log, key, now) = (new ExactLog(), "k" + ++_keys, Start);
            var nodes = new[] { new Node(0), new Node(5_000), new Node(-7_000) };
            void Pass(int time)
            {
                now += time;
                Array.ForEach(nodes, node => node.Clock.Advance(TimeSpan.FromMicroseconds(time)));
            }

            foreach (var (which, pause, there, back, ahead) in steps)
            {
                Pass(pause);
                var node = nodes[which];
                if (node.Lease?.TryTake(1, out _) == true)
                {
                    log.Add(now, 1);
                    used++;
                    continue;
                }

                if (node.Lease is { } former && former.Close() is var rest and > 0)
                {
                    _script.Return(key, policy, rest, former.Bucket, now);
                }

                var sent = node.Clock.GetTimestamp();
                Pass(there);
                var (served, taken, bucket, reset, remaining) = _script.TakeAhead(key, policy, ahead, now);
                log.Add(now, served);
                Pass(back);
                node.Lease = taken == 0 ? null : new Lease(policy, taken, bucket, sent, reset, remaining, node.Clock);
            }

            Assert.InRange(log.MaximumInAnyWindow((long)policy.Window.TotalMicroseconds), 0, policy.Limit);
        }));
        Assert.True(used > 1_000, $"only {used} permits were used out of a lease");
    }

    [Fact]
    public void Return_BucketStillCounts_FreesJustThesePermits()
    {
        var policy = new RateLimitPolicy("p", 100, TimeSpan.FromSeconds(16));
        foreach (var later in (int[])[0, 1, 15])
        {
            var key = "r" + later;
            var (_, taken, bucket, _, _) = _script.TakeAhead(key, policy, 9, Start);
            _script.Take(key, policy, 5, Start + (later * 1_000_000L));

            _script.Return(key, policy, taken - 2, bucket, Start + (later * 1_000_000L));

            Assert.Equal(1 + 2 + 5, _script.Take(key, policy, 0, Start + (later * 1_000_000L)).Used);
            Assert.Equal(later == 0 ? 0 : 5, _script.Take(key, policy, 0, Start + 17_000_000).Used);
        }
    }

    [Fact]
    public void Return_BucketHasLeftTheWindow_GivesNothing()
    {
        var policy = new RateLimitPolicy("p", 100, TimeSpan.FromSeconds(16));
        var (_, taken, bucket, _, _) = _script.TakeAhead("gone", policy, 9, Start);
        _script.Take("gone", policy, 5, Start + 40_000_000);

        _script.Return("gone", policy, taken, bucket, Start + 40_000_000);

        Assert.Equal(5, _script.Take("gone", policy, 0, Start + 40_000_000).Used);
    }

    private static Gen<(int Node, int Pause, int There, int Back, int Ahead)[]> Steps { get; } =
        from length in Gen.Choose(50, 300)
        from steps in Gen.ArrayOf(
            from node in Gen.Choose(0, 2)
            from pause in Gen.Frequency((6, Gen.Constant(0)), (4, Gen.Choose(0, 300)), (1, Gen.Choose(0, 4_000)))
            from there in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(0, 3_000)))
            from back in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(0, 3_000)))
            from ahead in Gen.Choose(0, 20)
            select (node, pause, there, back, ahead),
            length)
        select steps;

    private sealed class Node
    {
        public Node(int hours)
        {
            Clock = new ManualTimeProvider(DateTimeOffset.UnixEpoch.AddHours(hours + 500_000));
            Clock.Advance(TimeSpan.FromHours(10_000 + hours));
        }

        public ManualTimeProvider Clock { get; }

        public Lease? Lease { get; set; }
    }
}
