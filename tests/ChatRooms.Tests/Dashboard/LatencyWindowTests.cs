using ScaleKit.TestKit;

namespace ChatRooms.Tests;

public sealed class LatencyWindowTests
{
    [Fact]
    public void Read_KnownValues_GivesThePercentilesWithinABucket()
    {
        var window = new LatencyWindow(new ManualTimeProvider());
        for (var value = 1; value <= 1000; value++)
            window.Record(value / 1000.0);

        var (p50, p95, p99, count) = window.Read();

        Assert.Equal(1000, count);
        Assert.InRange(p50, 500 * 0.9, 500 * 1.1);
        Assert.InRange(p95, 950 * 0.9, 950 * 1.1);
        Assert.InRange(p99, 990 * 0.9, 990 * 1.1);
    }

    [Fact]
    public void Read_TenSecondsLater_HasForgotten()
    {
        var time = new ManualTimeProvider();
        var window = new LatencyWindow(time);
        window.Record(0.001);
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(1, window.Read().Count);

        time.Advance(TimeSpan.FromSeconds(1.5));

        Assert.Equal((0, 0, 0, 0L), window.Read());
    }

    [Fact]
    public void Record_ExtremeValues_AreKept()
    {
        var window = new LatencyWindow(new ManualTimeProvider());
        foreach (var value in new[] { 0, -1, double.Epsilon, 1e9, double.PositiveInfinity })
            window.Record(value);

        Assert.Equal(5, window.Read().Count);
    }
}
