using System.Threading.RateLimiting;
using Polly;
using ScaleKit.TestKit;

namespace ScaleKit.RateLimiting.Tests;

/// <summary>A limiter inside a pipeline of Polly, asked as its rate limiter strategy asks: one permit, by the asynchronous call, and the lease disposed afterwards.</summary>
public sealed class PollyTests
{
    [Fact]
    public async Task ExecuteAsync_LimiterInAPipeline_AdmitsTheLimitAndTellsWhenToComeBack()
    {
        var clock = new ManualTimeProvider();
        using var limiter = new SlidingWindowLimiter(2, TimeSpan.FromSeconds(10), clock);
        var pipeline = new ResiliencePipelineBuilder().AddStrategy(_ => new Limiting(limiter), new Options()).Build();
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(7, await pipeline.ExecuteAsync(static _ => ValueTask.FromResult(7)));
        }

        var refused = await Assert.ThrowsAsync<RefusedException>(async () => await pipeline.ExecuteAsync(static _ => ValueTask.FromResult(7)));

        Assert.Equal(TimeSpan.FromSeconds(10), refused.RetryAfter);
        clock.Advance(refused.RetryAfter);
        Assert.Equal(7, await pipeline.ExecuteAsync(static _ => ValueTask.FromResult(7)));
    }

    private sealed class Options : ResilienceStrategyOptions;

    private sealed class RefusedException(TimeSpan retryAfter) : Exception
    {
        public TimeSpan RetryAfter => retryAfter;
    }

    private sealed class Limiting(RateLimiter limiter) : ResilienceStrategy
    {
        protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            using var lease = await limiter.AcquireAsync(1, context.CancellationToken);
            return lease.IsAcquired
                ? await callback(context, state)
                : Outcome.FromException<TResult>(new RefusedException(lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.Zero));
        }
    }
}
