using System.Globalization;

namespace ScaleKit.Analysis.Tests;

public sealed class RingMovementTests
{
    [Fact]
    public async Task Run_FewKeys_NamesEveryFigureDrawsAndExitsWith0()
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync("ring-movement", "--keys", "20000");

        Assert.Equal((0, "0"), (run.ExitCode, run.Result["broken"]));
        Assert.All(
            [
                "slots_100_to_101_off_ideal_slots", "slots_100_to_101_needless", "slots_100_to_101_moved", "remove_any_of_100_foreign_slots", "slots_100_to_1000_flows",
                "slots_100_to_1000_needless", "slots_100_to_1000_moved", "ring_100_to_101_needless", "ring_100_to_101_moved",
            ],
            figure => Assert.True(run.Result.ContainsKey(figure), figure));
        Assert.InRange(double.Parse(run.Result["modulo_100_to_101_moved"], CultureInfo.InvariantCulture), 0.98, 1);
        Assert.InRange(double.Parse(run.Result["jump_remove_37_moved"], CultureInfo.InvariantCulture), 0.6, 0.66);
        Assert.Equal(["movement-100-to-101.svg"], folder.Drawings);
    }
}
