using ScaleKit.TestKit;

namespace ScaleKit.Sharding.Tests;

public sealed class RouteFenceTests
{
    [Fact]
    public void Check_SlotMovedSince_OldTokenIsRefusedAndNewOnePasses()
    {
        var current = Some.Slots(4);
        var plan = Topology.Plan(current, Some.Shards(5));
        var router = new ShardRouter<int>(current);
        var key = Enumerable.Range(0, 1_000).First(k => plan.Target.ShardOf(KeyHash.Of(k)).Id != current.ShardOf(KeyHash.Of(k)).Id);
        var staying = Enumerable.Range(0, 1_000).First(k => plan.Target.ShardOf(KeyHash.Of(k)).Id == current.ShardOf(KeyHash.Of(k)).Id);
        var fence = new RouteFence();
        router.Route(key, out var old);
        router.Route(staying, out var unmoved);

        fence.Check(old);
        foreach (var move in plan.Diff.Moves)
        {
            fence.Raise(move.First, move.Last, plan.Target.Version);
        }

        var error = Assert.Throws<StaleRouteException>(() => fence.Check(old));
        Assert.Equal((old, plan.Target.Version), (error.Token, error.Required));
        Assert.False(fence.Allows(old));
        fence.Check(unmoved);
        router.Swap(plan.Target);
        router.Route(key, out var fresh);
        fence.Check(fresh);
    }

    [Fact]
    public void Raise_LowerVersion_ChangesNothing()
    {
        var fence = new RouteFence(256);
        fence.RaiseAll(7);

        fence.RaiseAll(3);

        Assert.False(fence.Allows(new RouteToken(6, 0)));
        Assert.True(fence.Allows(new RouteToken(7, ulong.MaxValue)));
    }

    /// <summary>Invariant: a fence only rises. Breaking interleaving: two raises read 7, the one to 9 is written, then the one to 8.</summary>
    [Fact]
    public async Task Raise_LowerOneRacesAHigherOne_TheHigherStands()
    {
        const int Rounds = 40_000;
        var fence = new RouteFence(256);
        var raised = 1L;
        var behind = Task.Run(() =>
        {
            while (Volatile.Read(ref raised) is var version and < Rounds)
            {
                fence.RaiseAll(version);
            }
        });

        // Every second version: the one between is what the other thread raises to at the same time.
        for (var version = 3L; version <= Rounds; version += 2)
        {
            Volatile.Write(ref raised, version - 1);
            fence.RaiseAll(version);
            for (var slot = 0UL; slot < 256; slot++)
            {
                if (fence.Allows(new RouteToken(version - 1, slot << 56)))
                {
                    Assert.Fail($"Slot {slot} fell below {version}.");
                }
            }
        }

        Volatile.Write(ref raised, Rounds);
        await behind;
    }

    [Theory]
    [InlineData(-1, 0, 1)]
    [InlineData(5, 4, 1)]
    [InlineData(0, 65_536, 1)]
    [InlineData(0, 0, 0)]
    public void Raise_BadArguments_Throws(int first, int last, long version) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RouteFence().Raise(first, last, version));

    [Fact]
    public void Constructor_BadSlotCount_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => new RouteFence(1000));

    [Fact]
    public void Check_Passing_AllocatesNothing()
    {
        var fence = new RouteFence();
        var router = new ShardRouter<int>(Some.Slots(4));

        Assert.Equal(0, Allocated.By(() =>
        {
            router.Route("user:42", out var token);
            fence.Check(token);
        }));
    }
}
