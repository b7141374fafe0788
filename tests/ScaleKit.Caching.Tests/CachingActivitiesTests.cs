using System.Diagnostics;
using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class CachingActivitiesTests
{
    [Fact]
    public async Task GetOrCreate_Miss_IsAFillInTheCallersTraceAndTheFactoryIsWithinIt()
    {
        await using var cache = Cached.New(configure: o => o.Name = "named");
        using var recorded = new RecordedActivities(CachingDiagnostics.ActivitySourceName);
        string? within = null;

        await cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(within = Activity.Current!.OperationName));
        await cache.GetAsync("k", "hit");

        var fill = Assert.Single(recorded.Ended);
        Assert.Equal(CachingDiagnostics.FillActivity, fill.OperationName);
        Assert.Equal(fill.OperationName, within);
        Assert.Equal(recorded.Test.SpanId, fill.ParentSpanId);
        Assert.Equal(ActivityStatusCode.Unset, fill.Status);
        Assert.Equal(["named", "made"], fill.TagObjects.Select(static tag => tag.Value));
        Assert.Same(recorded.Test, Activity.Current);
    }

    [Fact]
    public async Task GetOrCreate_FactoryFails_IsAFailedFillThatNamesTheTypeAndNoKey()
    {
        await using var cache = Cached.New();
        using var recorded = new RecordedActivities(CachingDiagnostics.ActivitySourceName);

        await Assert.ThrowsAsync<IOException>(() => cache.GetOrCreateAsync<int>("secret", static _ => throw new IOException("secret")).AsTask());

        var fill = Assert.Single(recorded.Ended);
        Assert.Equal(ActivityStatusCode.Error, fill.Status);
        Assert.Equal("failed", fill.GetTagItem(CachingDiagnostics.OutcomeTag));
        Assert.Equal("System.IO.IOException", fill.GetTagItem(CachingDiagnostics.ErrorTag));
        Assert.Null(fill.StatusDescription);
        Assert.Empty(fill.Events);
        Assert.DoesNotContain(fill.TagObjects, static tag => tag.Value is "secret");
    }

    [Fact]
    public async Task GetOrCreate_FactoryFailsAndTheExpiredValueIsServed_IsAStaleFill()
    {
        var time = new ManualTimeProvider();
        await using var cache = Cached.New(time: time, configure: o => o.FailSafeMaximum = TimeSpan.FromMinutes(10));
        await cache.GetAsync("k", 1);
        time.Advance(TimeSpan.FromMinutes(6));
        using var recorded = new RecordedActivities(CachingDiagnostics.ActivitySourceName);

        await cache.GetOrCreateAsync<int>("k", static _ => throw new IOException("down"));

        Assert.Equal("stale", Assert.Single(recorded.Ended).GetTagItem(CachingDiagnostics.OutcomeTag));
    }

    [Fact]
    public async Task GetOrCreate_AnotherNodesFactoryRuns_IsAFillThatAdoptsItsValue()
    {
        var (shared, bus) = (new InProcessSharedStore(), new InProcessInvalidationBus());
        await using var one = Cached.On(shared, bus, configure: static o => o.Name = "named");
        await using var two = Cached.On(shared, bus, configure: static o => o.Name = "named");
        using var recorded = new RecordedActivities(CachingDiagnostics.ActivitySourceName);
        using var seen = new Measurements("named");
        var gate = new Gate();
        var making = one.GetOrCreateAsync("k", async _ =>
        {
            await gate.PassAsync();
            return 1;
        });
        await gate.Reached;
        var adopting = two.GetAsync("k", 2);
        await Eventually.HoldsAsync(() => seen["scalekit.cache.lease_waits"] > 0, "the other node waits");

        gate.Open();

        Assert.Equal((1, 1), (await making, await adopting));
        Assert.Equal(["adopted", "made"], recorded.Named(CachingDiagnostics.FillActivity).Select(static fill => (string)fill.GetTagItem(CachingDiagnostics.OutcomeTag)!).Order());
    }

    [Fact]
    public async Task TryGet_MissWithoutAFactory_IsNoFill()
    {
        await using var cache = Cached.New();
        using var recorded = new RecordedActivities(CachingDiagnostics.ActivitySourceName);

        await cache.TryGetAsync<int>("k");

        Assert.Empty(recorded.Ended);
    }

    [Theory]
    [InlineData(true, ActivityStatusCode.Unset)]
    [InlineData(false, ActivityStatusCode.Error)]
    public async Task GetOrCreate_CacheIsBehindItsLog_IsACatchUpBesideTheFill(bool answers, ActivityStatusCode status)
    {
        var bus = new SlowBus(answers);
        await using var cache = Cached.New(bus: bus, configure: o => o.Name = "named");
        using var recorded = new RecordedActivities(CachingDiagnostics.ActivitySourceName);

        var filling = cache.GetAsync("k", 1);
        await bus.Answer.Reached;
        Assert.Empty(recorded.Ended);
        bus.Answer.Open();
        await filling;

        Assert.Equal([CachingDiagnostics.CatchUpActivity, CachingDiagnostics.FillActivity], recorded.Ended.Select(static activity => activity.OperationName));
        Assert.Equal(status, recorded.Ended[0].Status);
        Assert.Equal("named", recorded.Ended[0].GetTagItem(CachingDiagnostics.CacheTag));
        Assert.All(recorded.Ended, activity => Assert.Equal(recorded.Test.SpanId, activity.ParentSpanId));
    }

    /// <summary>Answers, or fails, when the test says so.</summary>
    private sealed class SlowBus(bool answers) : IInvalidationBus
    {
        private readonly InProcessInvalidationBus _inner = new();

        public Gate Answer { get; } = new();

        public bool NeedsHeartbeat => false;

        public ValueTask<InvalidationPosition> AppendAsync(Invalidation invalidation, CancellationToken cancellationToken = default) =>
            _inner.AppendAsync(invalidation, cancellationToken);

        public async ValueTask<InvalidationBatch> ReadFromAsync(string cache, InvalidationPosition after, CancellationToken cancellationToken = default)
        {
            await Answer.PassAsync();
            return answers ? await _inner.ReadFromAsync(cache, after, cancellationToken) : throw new IOException("The bus is down.");
        }

        public IDisposable Subscribe(string cache, IInvalidationSubscriber subscriber) => _inner.Subscribe(cache, subscriber);
    }
}
