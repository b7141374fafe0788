namespace ScaleKit.RateLimiting.Tests;

public sealed class MonotonicClockTests
{
    [Theory]
    [InlineData(1_000_000_000, 123_456_789_012_345_678, 1_234_567_890_123_456)]
    [InlineData(10_000_000, 123_456_789_012_345_678, 123_456_789_012_345_678)]
    [InlineData(3_000_000, 2_999_999, 9_999_996)]
    [InlineData(24_000_000, 240_000_000_000_000_007, 100_000_000_000_000_002)]
    public void Now_AnyFrequency_IsExactToTheTick(long frequency, long elapsed, long expected)
    {
        var provider = new FrequencyProvider(frequency) { Timestamp = 42 };
        var clock = new MonotonicClock(provider);

        provider.Timestamp += elapsed;

        Assert.Equal(expected, clock.Now);
    }

    [Fact]
    public void Coarse_SystemTime_IsNeverAheadAndLessThanTheSlackBehind()
    {
        var clock = new MonotonicClock(TimeProvider.System);
        Assert.Equal(OperatingSystem.IsLinux(), clock.HasCoarse);
        for (var i = 0; clock.HasCoarse && i < 200_000; i++)
        {
            var exact = clock.Now;
            var coarse = clock.Coarse;
            Assert.True(exact - coarse < MonotonicClock.Slack, $"round {i}: {exact - coarse} ticks behind");
            Assert.True(coarse <= clock.Now, $"round {i}: ahead");
        }
    }

    [Fact]
    public void HasCoarse_AnotherTimeProvider_IsFalse() => Assert.False(new MonotonicClock(new FrequencyProvider(1_000_000_000)).HasCoarse);

    private sealed class FrequencyProvider(long frequency) : TimeProvider
    {
        public long Timestamp { get; set; }

        public override long TimestampFrequency => frequency;

        public override long GetTimestamp() => Timestamp;
    }
}
