using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class HitRateWatchTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly RecordedLog _log = new();
    private readonly List<(bool IsLow, double Rate)> _heard = [];
    private readonly HitRateWatch _watch;

    public HitRateWatchTests() => _watch = new(new() { HitRateFloor = 0.5 }, new MonotonicClock(_time), _log.CreateLogger("cache"), change => _heard.Add((change.IsLow, change.Rate)));

    [Fact]
    public void Count_ShareUnderTheFloorAndBack_IsToldOnceEachWithHysteresis()
    {
        Window(localHits: 49, misses: 50);
        Assert.True(_watch.IsLow);
        Window(localHits: 10, misses: 90);
        Window(localHits: 55, misses: 45);
        Assert.True(_watch.IsLow);
        Assert.Equal([nameof(Log.HitRateLow)], _log.Events);

        Window(localHits: 40, misses: 39, distributedHits: 21);

        Assert.False(_watch.IsLow);
        Assert.Equal([nameof(Log.HitRateLow), nameof(Log.HitRateBack)], _log.Events);
        Assert.Equal([(true, 0.49), (false, 0.6)], _heard.Select(static change => (change.IsLow, Math.Round(change.Rate, 2))));
        Window(localHits: 50, misses: 49);
        Assert.False(_watch.IsLow);
    }

    [Fact]
    public void Count_FewRequestsOrWithinAWindow_JudgesNothing()
    {
        for (var i = 0; i < 1000; i++)
            _watch.Count(FillSource.Factory);
        Assert.False(_watch.IsLow);
        _time.Advance(HitRateWatch.Window);
        _watch.Count(FillSource.Bypass);
        Assert.False(_watch.IsLow);

        Window(localHits: 1100, misses: 1);
        Assert.False(_watch.IsLow);
        Window(localHits: 0, misses: HitRateWatch.LeastRequests - 3);
        Assert.False(_watch.IsLow);
        _watch.Count(FillSource.Factory);
        Assert.True(_watch.IsLow);
    }

    [Fact]
    public async Task GaugeAndEvent_CacheWithAFloor_TellWhetherItIsUnderItAndAHandlerThatThrowsHarmsNobody()
    {
        const string Name = "hit-rate";
        using var measured = new Measurements(Name);
        await using var cache = Cached.New(time: _time, configure: o => (o.Name, o.HitRateFloor) = (Name, 0.5));
        Assert.Equal(0, measured.Observe()["scalekit.cache.hit_rate.low"]);
        for (var i = 0; i < HitRateWatch.LeastRequests; i++)
            await cache.GetAsync($"k{i}", 1);
        _time.Advance(HitRateWatch.Window);

        cache.HitRateChanged += (sender, change) =>
        {
            Assert.Same(cache, sender);
            _heard.Add((change.IsLow, change.Rate));
            throw new InvalidOperationException("a handler's own");
        };
        Assert.Equal(2, await cache.GetAsync("last", 2));

        Assert.Equal([(true, 0.0)], _heard);
        Assert.Equal(1, measured.Observe()["scalekit.cache.hit_rate.low"]);
    }

    [Fact]
    public void Count_ManyThreadsAtTheEndOfAWindow_IsToldOnce()
    {
        for (var i = 0; i < 1000; i++)
            _watch.Count(FillSource.Factory);
        _time.Advance(HitRateWatch.Window);

        Parallel.For(0, 10_000, _ => _watch.Count(FillSource.Factory));

        Assert.Single(_heard);
    }

    // Both would count the same requests: the second would tell the contrary of what the first has told.
    [Fact]
    public async Task Count_WhileAnotherThreadJudges_LeavesTheWindowToItAndDoesNotWait()
    {
        var clock = new HeldClock(_time);
        var watch = new HitRateWatch(new() { HitRateFloor = 0.5 }, new MonotonicClock(clock), _log.CreateLogger("cache"), change => _heard.Add((change.IsLow, change.Rate)));
        for (var i = 0; i < HitRateWatch.LeastRequests; i++)
            watch.Count(FillSource.Factory);
        _time.Advance(HitRateWatch.Window);

        // The first look at the clock finds the window over, the second is the judge's.
        var judging = Task.Run(() =>
        {
            clock.HoldThisThread(atLook: 2);
            watch.Count(FillSource.Factory);
        });
        await clock.Reached;
        await Task.Run(() => watch.Count(FillSource.Factory)).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        Assert.Empty(_heard);
        clock.GoOn();
        await judging;

        Assert.Equal([(true, 0.0)], _heard);
    }

    /// <summary>One window, ended by one more miss.</summary>
    private void Window(int localHits, int misses, int distributedHits = 0)
    {
        for (var i = 0; i < localHits; i++)
            _watch.Count(FillSource.Local);
        for (var i = 0; i < distributedHits; i++)
            _watch.Count(FillSource.Distributed);
        for (var i = 0; i < misses; i++)
            _watch.Count(FillSource.Factory);
        _time.Advance(HitRateWatch.Window);
        _watch.Count(FillSource.Factory);
    }

    /// <summary>Holds one thread where it looks at the time.</summary>
    private sealed class HeldClock(TimeProvider inner) : TimeProvider
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _thread;
        private int _looks;

        public Task Reached => _reached.Task;

        public override long TimestampFrequency => inner.TimestampFrequency;

        public void HoldThisThread(int atLook) => (_looks, _thread) = (atLook, Environment.CurrentManagedThreadId);

        public void GoOn() => _goOn.TrySetResult();

        public override long GetTimestamp()
        {
            if (Environment.CurrentManagedThreadId == Volatile.Read(ref _thread) && --_looks == 0)
            {
                _reached.TrySetResult();
                _goOn.Task.Wait();
            }

            return inner.GetTimestamp();
        }
    }
}
