using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class TwoLevelCacheBackOffTests
{
    private readonly ManualTimeProvider _time = new();
    private int _runs;

    [Fact]
    public async Task GetOrCreateAsync_FactoryFailed_IsNotRunAgainUntilTheBackOffEnds()
    {
        await using var cache = New();
        await FailAsync(cache);

        _time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        await FailAsync(cache);
        Assert.Equal(1, _runs);
        _time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(5, await cache.GetAsync("k", 5));
    }

    [Fact]
    public async Task GetOrCreateAsync_FailsAgainAndAgain_WaitsTwiceAsLongUpToSixteenTimes()
    {
        await using var cache = New();
        foreach (var factor in (int[])[1, 2, 4, 8, 16, 16])
        {
            await FailAsync(cache);
            var runs = _runs;
            _time.Advance(TimeSpan.FromSeconds(10 * factor) - TimeSpan.FromTicks(1));
            await FailAsync(cache);
            Assert.Equal(runs, _runs);
            _time.Advance(TimeSpan.FromTicks(1));
        }

        Assert.Equal(5, await cache.GetAsync("k", 5));
        await cache.RemoveAsync("k");
        await FailAsync(cache);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(6, await cache.GetAsync("k", 6));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("clear")]
    public async Task GetOrCreateAsync_InvalidatedAfterAFailure_RunsTheFactory(string how)
    {
        await using var cache = New();
        await FailAsync(cache);

        await (how switch
        {
            "key" => cache.RemoveAsync("k"),
            "tag" => cache.RemoveByTagAsync("t"),
            _ => cache.RemoveByTagAsync("*"),
        });

        Assert.Equal(5, await cache.GetAsync("k", 5));
    }

    [Fact]
    public async Task GetOrCreateAsync_BackingOffWithAnExpiredValue_ServesItWithoutRunningTheFactory()
    {
        var log = new RecordedLog();
        await using var cache = Cached.New(time: _time, log: log, configure: o =>
        {
            o.FailureBackOff = TimeSpan.FromSeconds(10);
            o.FailSafeMaximum = TimeSpan.FromHours(1);
        });
        await cache.SetAsync("k", 1);
        _time.Advance(TimeSpan.FromMinutes(5));

        for (var i = 0; i < 3; i++)
            Assert.Equal(1, await CallAsync(cache));

        Assert.Equal(1, _runs);
        Assert.Single(log.Lines);
    }

    [Fact]
    public async Task GetOrCreateAsync_BackOffIsOff_EveryCallRunsTheFactory()
    {
        await using var cache = Cached.New(time: _time);
        await FailAsync(cache);
        await FailAsync(cache);

        Assert.Equal(2, _runs);
    }

    private Task FailAsync(TwoLevelCache cache) => Assert.ThrowsAsync<IOException>(() => CallAsync(cache));

    private Task<int> CallAsync(TwoLevelCache cache) => cache.GetOrCreateAsync<int>("k", _ => throw new IOException($"down {++_runs}"), tags: ["t"]).AsTask();

    private TwoLevelCache New() => Cached.New(time: _time, configure: o => o.FailureBackOff = TimeSpan.FromSeconds(10));
}
