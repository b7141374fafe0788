using ScaleKit.Analysis.Chaos;

namespace ScaleKit.Analysis.Tests;

public sealed class FaultScheduleTests
{
    [Fact]
    public void Of_SameSeed_IsTheSame() => Assert.Equal(FaultSchedule.Of(7).Take(100), FaultSchedule.Of(7).Take(100));

    [Fact]
    public void Of_OtherSeed_IsAnother() => Assert.NotEqual(FaultSchedule.Of(7).Take(12), FaultSchedule.Of(8).Take(12));

    [Fact]
    public void Of_AnySeed_DoesEachKindOnceInARoundAndStopsNothingForLongerThanSaid()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var faults = FaultSchedule.Of(seed).Take(60).ToArray();

            Assert.All(faults.Chunk(5), static round => Assert.Equal(5, round.Select(static fault => fault.Kind).Distinct().Count()));
            Assert.All(faults, static fault => Assert.InRange(fault.Node, 0, FaultSchedule.Nodes - 1));
            Assert.All(faults, static fault => Assert.InRange(fault.Length.TotalSeconds, 1, fault.Kind == FaultKind.NodeStopped ? 8 : 3));
            Assert.All(faults, static fault => Assert.InRange(fault.Calm.TotalSeconds, 2, 5));
        }
    }
}
