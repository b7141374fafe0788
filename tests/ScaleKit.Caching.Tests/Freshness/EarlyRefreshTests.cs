using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class EarlyRefreshTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly ManualTimeProvider _time = new();
    private readonly MonotonicClock _clock;

    public EarlyRefreshTests() => _clock = new MonotonicClock(_time);

    [Theory]
    [InlineData(0.5, 1, 0.5)]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, 2)]
    [InlineData(1, 2, 0.5)]
    public void TryClaim_BeforeTheExpiry_FollowsTheDistributionOfXFetch(double beta, double secondsLeft, double factorySeconds)
    {
        var early = New(new() { EarlyExpirationBeta = beta });
        const int Draws = 20_000;
        var claimed = 0;
        for (var i = 0; i < Draws; i++)
        {
            var entry = EntryAt(early, TimeSpan.FromSeconds(secondsLeft), TimeSpan.FromSeconds(factorySeconds));
            claimed += early.TryClaim(entry) ? 1 : 0;
        }

        // P(now - d * beta * ln(u) >= expiry) = e^(-left / (d * beta)); 4 standard deviations of the binomial are below 0.015.
        Assert.Equal(Math.Exp(-secondsLeft / (beta * factorySeconds)), (double)claimed / Draws, 0.015);
    }

    [Fact]
    public void TryClaim_LongBeforeTheExpiry_IsNotEvenAsked()
    {
        var early = New(new() { EarlyExpirationBeta = 1 });
        var entry = EntryAt(early, Minute, TimeSpan.FromSeconds(1));

        Assert.Equal(entry.ExpiresAt - TimeSpan.FromSeconds(20).Ticks, entry.RefreshAt);
        Assert.False(early.TryClaim(entry));
    }

    [Fact]
    public void TryClaim_Claimed_NoOtherHitClaimsUntilTryAgain()
    {
        var early = New(new() { EagerRefreshAt = 0.5 });
        var entry = EntryAt(early, Minute, TimeSpan.Zero, age: 9 * Minute);
        Assert.True(early.TryClaim(entry));
        Assert.False(early.TryClaim(entry));
        Assert.Equal(entry.ExpiresAt, entry.RefreshAt);

        early.TryAgain(entry);

        Assert.Equal(entry.ExpiresAt - (Minute / 2).Ticks, entry.RefreshAt);
        Assert.False(early.TryClaim(entry));
        _time.Advance(Minute / 2);
        Assert.True(early.TryClaim(entry));
    }

    [Fact]
    public void PointFor_NothingIsOn_IsNoneAndHitsAskOnlyAtTheExpiry()
    {
        var early = New(new());
        var entry = EntryAt(early, Minute, TimeSpan.FromSeconds(5));

        Assert.Null(entry.Refresh);
        Assert.Equal(entry.ExpiresAt, entry.RefreshAt);
        Assert.False(early.TryClaim(entry));
    }

    [Fact]
    public void PointFor_ManyNodes_SpreadOverATenthOfTheRest()
    {
        var early = New(new() { EagerRefreshAt = 0.5 });
        var points = Enumerable.Range(0, 1000).Select(_ => early.PointFor(_clock.Now, TimeSpan.Zero, Minute, default)!.EagerAt).ToArray();

        Assert.InRange(points.Min(), TimeSpan.FromSeconds(30).Ticks, TimeSpan.FromSeconds(30.1).Ticks);
        Assert.InRange(points.Max(), TimeSpan.FromSeconds(32.9).Ticks, TimeSpan.FromSeconds(33).Ticks);
    }

    private EarlyRefresh New(TwoLevelCacheOptions options) => new(options, _clock, new Random(7));

    private LocalEntry<int> EntryAt(EarlyRefresh early, TimeSpan left, TimeSpan factoryTime, TimeSpan age = default)
    {
        var expiresAt = _clock.After(_clock.Now, left);
        var entry = new LocalEntry<int>(5) { Version = 1, Generation = 0, Tags = [], ExpiresAt = expiresAt, StaleUntil = expiresAt };
        entry.RefreshFrom(early.PointFor(_clock.Now, age, left, factoryTime));
        return entry;
    }
}
