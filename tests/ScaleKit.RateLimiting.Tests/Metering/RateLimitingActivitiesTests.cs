using System.Diagnostics;
using ScaleKit.TestKit;

namespace ScaleKit.RateLimiting.Tests;

public sealed class RateLimitingActivitiesTests : IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly PolicyRateLimiter _limiter;

    public RateLimitingActivitiesTests()
    {
        var options = new RateLimitOptions();
        options.Policies["p"] = new() { Limit = 1, Window = TimeSpan.FromSeconds(10), QueueLimit = 1 };
        _limiter = new PolicyRateLimiter(options, timeProvider: _clock);
    }

    public void Dispose() => _limiter.Dispose();

    [Fact]
    public async Task Acquire_OneWaitsAndOthersDoNot_IsOneActivityOfTheCallersTrace()
    {
        using var recorded = new RecordedActivities(RateLimitingDiagnostics.ActivitySourceName);

        await _limiter.AcquireAsync("p", "secret");
        var waiting = _limiter.AcquireAsync("p", "secret");
        Assert.False((await _limiter.AcquireAsync("p", "secret")).IsAcquired);
        Assert.Empty(recorded.Ended);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.True((await waiting).IsAcquired);

        var wait = Assert.Single(recorded.Ended);
        Assert.Equal((RateLimitingDiagnostics.WaitActivity, recorded.Test.SpanId, ActivityStatusCode.Unset), (wait.OperationName, wait.ParentSpanId, wait.Status));
        Assert.Equal([new(RateLimitingDiagnostics.PolicyTag, "p"), new(RateLimitingDiagnostics.ResultTag, "acquired")], wait.TagObjects);
    }

    [Fact]
    public async Task Acquire_CancelledAndDisposedInLine_IsAnErrorOnlyWhereTheLimiterEndedIt()
    {
        using var leaving = new CancellationTokenSource();
        using var recorded = new RecordedActivities(RateLimitingDiagnostics.ActivitySourceName);
        await _limiter.AcquireAsync("p", "one");
        await _limiter.AcquireAsync("p", "two");
        var cancelled = _limiter.AcquireAsync("p", "one", cancellationToken: leaving.Token).AsTask();
        var disposed = _limiter.AcquireAsync("p", "two").AsTask();

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        _limiter.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => disposed);

        Assert.Equal([ActivityStatusCode.Unset, ActivityStatusCode.Error], recorded.Ended.Select(static wait => wait.Status));
        Assert.Equal("System.ObjectDisposedException", recorded.Ended[1].GetTagItem(RateLimitingDiagnostics.ErrorTag));
    }
}
