using System.Diagnostics;
using ScaleKit.RateLimiting;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.RateLimiting;

public sealed class AcquireActivityTests : OnItsOwnServer
{
    private static readonly RateLimitPolicy Policy = new("p", 1000, TimeSpan.FromHours(1));

    [Fact]
    public async Task Flight_CallersOfSeveralTraces_IsInTheFirstOnesAndLinkedToTheOthers()
    {
        using var store = new RedisRateLimitStore(Connection, new() { Timeout = TimeSpan.FromSeconds(30) });
        await store.AcquireAsync(new RateLimitCharge(Policy, "warm"));
        using var recorded = new RecordedActivities(RedisDiagnostics.ActivitySourceName);

        // Two go at once; the server sleeps, so all others wait and go together in the third flight.
        Server.Pause();
        var early = new[] { AcquireAsync(), AcquireAsync() };
        var first = AcquireAsync();
        using var other = new Activity("another trace").SetParentId(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom()).Start();
        var others = Enumerable.Range(0, 5).Select(_ => AcquireAsync()).ToArray();
        other.Stop();
        Server.Resume();
        await Task.WhenAll([.. early, first, .. others]);

        await Eventually.HoldsAsync(() => recorded.Ended.Count == 3, "all flights have landed");
        Assert.All(recorded.Ended, flight => Assert.Equal((ActivityKind.Client, recorded.Test.SpanId, ActivityStatusCode.Unset), (flight.Kind, flight.ParentSpanId, flight.Status)));
        Assert.Equal([1, 1, 6], recorded.Ended.Select(static flight => (int)flight.GetTagItem(RedisDiagnostics.BatchSizeTag)!).Order());
        var third = recorded.Ended.Single(static flight => flight.GetTagItem(RedisDiagnostics.BatchSizeTag) is 6);
        Assert.Equal(other.Context, Assert.Single(third.Links).Context);

        Task AcquireAsync() => store.AcquireAsync(new RateLimitCharge(Policy, "secret")).AsTask();
    }

    [Fact]
    public async Task Flight_ServerSilent_IsAnError()
    {
        var clock = new ManualTimeProvider();
        using var store = new RedisRateLimitStore(Connection, new() { Timeout = TimeSpan.FromSeconds(1) }, clock);
        await store.AcquireAsync(new RateLimitCharge(Policy, "warm"));
        using var recorded = new RecordedActivities(RedisDiagnostics.ActivitySourceName);
        Server.Pause();
        try
        {
            var pending = store.AcquireAsync(new RateLimitCharge(Policy, "k")).AsTask();
            clock.Advance(TimeSpan.FromSeconds(2));
            await pending;
        }
        finally
        {
            Server.Resume();
        }

        Assert.Equal(ActivityStatusCode.Error, Assert.Single(recorded.Ended).Status);
    }

    [Fact]
    public async Task Flight_NoCallerIsTraced_IsNoActivity()
    {
        using var store = new RedisRateLimitStore(Connection, new() { Timeout = TimeSpan.FromSeconds(30) });
        using var recorded = new RecordedActivities(RedisDiagnostics.ActivitySourceName, roots: true);
        Activity.Current = null;

        await store.AcquireAsync(new RateLimitCharge(Policy, "k"));

        Assert.Empty(recorded.Ended);
    }
}
