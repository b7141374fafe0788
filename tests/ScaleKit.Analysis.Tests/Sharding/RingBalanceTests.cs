namespace ScaleKit.Analysis.Tests;

public sealed class RingBalanceTests
{
    [Fact]
    public async Task Run_FewKeys_NamesEveryFigureDrawsAndExitsWith0()
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync("ring-balance", "--keys", "20000", "--laps", "1");

        Assert.Equal(("ring-balance", "0"), (run.Result["command"], run.Result["broken"]));
        Assert.Equal(0, run.ExitCode);
        Assert.All(
            [
                "slots_peak_100", "slots_peak_1000", "build_1000_ms", "build_1000_kept_kb", "keys_worst_sigma", "keys_noise_sigma_percent", "keys_peak_slots",
                "keys_peak_ring160", "weights_1_2_4_error", "route_string_times_hash", "route_string_bytes", "route_long_times_hash", "route_long_bytes",
                "ring_different_answers", "ring_ns", "ring_times_faster_than_search",
            ],
            figure => Assert.True(run.Result.ContainsKey(figure), figure));
        Assert.Equal(("0", "0", "0"), (run.Result["route_string_bytes"], run.Result["route_long_bytes"], run.Result["ring_different_answers"]));
        Assert.Equal(["balance-ring.svg", "balance-slots.svg"], folder.Drawings);
        Assert.Equal(101, folder.Read("balance-slots.svg").Split("<rect ").Length);
    }

    /// <summary>One key on a hundred shards is ten standard deviations from an even share: the bound of five breaks.</summary>
    [Fact]
    public async Task Run_OneKey_BreaksItsBoundAndExitsWith1()
    {
        using var folder = new AnalysisFolder();

        var run = await folder.RunAsync("ring-balance", "--keys", "1", "--laps", "1");

        Assert.Equal((1, "1"), (run.ExitCode, run.Result["broken"]));
    }
}
