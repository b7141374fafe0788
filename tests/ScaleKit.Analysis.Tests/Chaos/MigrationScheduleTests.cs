using ScaleKit.Analysis.Chaos;

namespace ScaleKit.Analysis.Tests;

public sealed class MigrationScheduleTests
{
    // Six rungs and the turn that goes back one and on again.
    private const int MovesOfAWay = 8;

    [Fact]
    public void Of_SameSeed_IsTheSame() => Assert.Equal(MigrationSchedule.Of(7).Take(100), MigrationSchedule.Of(7).Take(100));

    [Fact]
    public void Of_OtherSeed_IsAnother() => Assert.NotEqual(MigrationSchedule.Of(7).Take(8), MigrationSchedule.Of(8).Take(8));

    [Fact]
    public void Of_AnySeed_WalksTheWholeLadderUpAndDownRungByRungAndTurnsRoundOnceOnEachWay()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var rungs = MigrationSchedule.Of(seed).Take(4 * MovesOfAWay).ToArray();
            var walk = rungs.Select(static rung => "ABCQDEF".IndexOf(rung.To, StringComparison.Ordinal)).Prepend(0).ToArray();

            Assert.Equal([6, 0, 6, 0], walk.Skip(1).Chunk(MovesOfAWay).Select(static way => way[^1]));
            var steps = walk.Zip(walk.Skip(1), static (from, to) => to - from).Chunk(MovesOfAWay).Select(static way => way.Order().ToArray());
            Assert.All(steps.Index(), static way => Assert.Equal(way.Index % 2 == 0 ? [-1, 1, 1, 1, 1, 1, 1, 1] : [-1, -1, -1, -1, -1, -1, -1, 1], way.Item));
            Assert.All(rungs, static rung => Assert.InRange(rung.Node, 0, FaultSchedule.Nodes - 1));
            Assert.All(rungs, static rung => Assert.InRange(rung.Calm.TotalSeconds, 1, 5));
        }
    }
}
