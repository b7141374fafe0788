using ScaleKit.TestKit;

namespace ScaleKit.RateLimiting.Tests;

public sealed class WaitingLinesTests : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private readonly ManualTimeProvider _clock = new();
    private readonly PolicyRateLimiter _limiter;

    public WaitingLinesTests() => _limiter = new PolicyRateLimiter(Options(limit: 2, queueLimit: 5), timeProvider: _clock);

    public void Dispose() => _limiter.Dispose();

    [Fact]
    public async Task AcquireAsync_NoPermits_IsServedAtTheExactTimeAndNotBefore()
    {
        await AcquireAsync(2);
        _clock.Advance(TimeSpan.FromSeconds(4));
        var waiting = AcquireAsync(1);

        _clock.Advance(TimeSpan.FromSeconds(6) - TimeSpan.FromTicks(1));
        Assert.False(waiting.IsCompleted);
        Assert.Equal(1, _clock.ArmedTimers - SweepTimers);
        _clock.Advance(TimeSpan.FromTicks(1));

        Assert.Equal((RateLimitOutcome.Acquired, 1), Summary(await waiting));
        Assert.Equal(0, _clock.ArmedTimers - SweepTimers);
    }

    [Fact]
    public async Task AcquireAsync_ManyWait_AreServedInOrderOfArrival()
    {
        await AcquireAsync(2);
        var (first, second, third) = (AcquireAsync(2), AcquireAsync(1), AcquireAsync(1));

        // A small request does not overtake a great one, whichever way it comes.
        _clock.Advance(Window);
        Assert.True((await first).IsAcquired);
        Assert.False(second.IsCompleted || third.IsCompleted);
        Assert.Equal(RateLimitOutcome.Refused, _limiter.AttemptAcquire("p", "k").Outcome);

        _clock.Advance(Window);
        Assert.Equal((RateLimitOutcome.Acquired, 1), Summary(await second));
        Assert.Equal((RateLimitOutcome.Acquired, 0), Summary(await third));
    }

    [Fact]
    public async Task AttemptAcquire_SomebodyWaitsForMore_DoesNotOvertake()
    {
        await AcquireAsync(1);
        var great = AcquireAsync(2);

        var refused = _limiter.AttemptAcquire("p", "k");

        Assert.Equal((RateLimitOutcome.Refused, 1, Window), (refused.Outcome, refused.Remaining, refused.RetryAfter));
        Assert.True(_limiter.AttemptAcquire("p", "other").IsAcquired);
        _clock.Advance(Window);
        Assert.True((await great).IsAcquired);
    }

    [Fact]
    public async Task AcquireAsync_LineIsFull_RefusesAtOnce()
    {
        await AcquireAsync(2);
        var inLine = new[] { AcquireAsync(2), AcquireAsync(2), AcquireAsync(1) };
        _clock.Advance(TimeSpan.FromSeconds(3));

        var refused = await AcquireAsync(1);

        Assert.Equal((RateLimitOutcome.Refused, TimeSpan.FromSeconds(7)), (refused.Outcome, refused.RetryAfter));
        _clock.Advance(TimeSpan.FromSeconds(40));
        Assert.All(await Task.WhenAll(inLine), decision => Assert.True(decision.IsAcquired));
    }

    [Fact]
    public async Task AcquireAsync_Cancelled_LeavesNothingBehindAndLetsTheNextOneOn()
    {
        await AcquireAsync(1);
        using var cancellation = new CancellationTokenSource();
        var great = AcquireAsync(2, cancellation.Token);
        var small = AcquireAsync(1);
        Assert.False(small.IsCompleted);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => great);
        Assert.True((await small).IsAcquired);
        Assert.Equal(0, _clock.ArmedTimers - SweepTimers);
        Assert.Equal(0, _limiter.PermitsInLine("p", "k"));
        _clock.Advance(Window);
        Assert.Equal(2, _limiter.AttemptAcquire("p", "k", 0).Remaining);
    }

    [Fact]
    public async Task AcquireAsync_CancelledWhileItsPermitsAreTaken_GivesThemBack()
    {
        using var inner = new InProcessRateLimitStore(timeProvider: _clock);
        var store = new SlowStore(inner);
        using var limiter = new PolicyRateLimiter(Options(limit: 2, queueLimit: 5), store, _clock);
        await limiter.AcquireAsync("p", "k", 2);
        using var cancellation = new CancellationTokenSource();
        var waiting = limiter.AcquireAsync("p", "k", 2, cancellation.Token).AsTask();
        store.Hold();

        _clock.Advance(Window);
        await Eventually.HoldsAsync(() => store.IsHolding, "the one in line asks");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        store.Release();

        await Eventually.HoldsAsync(() => inner.AttemptAcquire(new RateLimitCharge(limiter.GetPolicy("p"), "k", 0)).Remaining == 2, "the permits are back");
        Assert.Equal(0, limiter.PermitsInLine("p", "k"));
    }

    [Fact]
    public async Task SettleAsync_PermitsGivenBack_WakeTheFirst()
    {
        await AcquireAsync(2);
        var waiting = AcquireAsync(1);

        await _limiter.SettleAsync("p", "k", taken: 2, actual: 1);

        Assert.True((await waiting).IsAcquired);
    }

    [Fact]
    public async Task Update_LimitRaised_WakesTheFirst()
    {
        await AcquireAsync(2);
        var waiting = AcquireAsync(1);
        _limiter.Update(Options(limit: 3, queueLimit: 5));
        Assert.True((await waiting).IsAcquired);
    }

    [Fact]
    public async Task Update_LimitLoweredBelowTheRequest_EndsItWithTheReason()
    {
        await AcquireAsync(2);
        var waiting = AcquireAsync(2);
        _limiter.Update(Options(limit: 1, queueLimit: 5));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => waiting);
    }

    [Fact]
    public async Task IsEnabled_TurnedOff_LetsAllInLineThrough()
    {
        await AcquireAsync(2);
        var waiting = new[] { AcquireAsync(2), AcquireAsync(1) };
        _limiter.IsEnabled = false;
        Assert.All(await Task.WhenAll(waiting), decision => Assert.Equal(RateLimitOutcome.Bypassed, decision.Outcome));
    }

    [Fact]
    public async Task Dispose_SomebodyWaits_EndsTheWait()
    {
        await AcquireAsync(2);
        var waiting = AcquireAsync(2);
        _limiter.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
    }

    [Fact]
    public async Task AcquireAsync_PeekOrNoQueue_NeverWaits()
    {
        await AcquireAsync(2);
        Assert.False((await AcquireAsync(0)).IsAcquired);
        _limiter.AttemptAcquire("default", "k", 2);
        Assert.False((await _limiter.AcquireAsync("default", "k")).IsAcquired);
    }

    [Fact]
    public async Task AcquireAsync_ManyThreadsWithCancellations_NobodyIsLostAndTheLimitHolds()
    {
        using var limiter = new PolicyRateLimiter(
            new RateLimitOptions { Policies = { ["p"] = new() { Limit = 20, Window = TimeSpan.FromMilliseconds(5), QueueLimit = 1_000_000 } } });
        var taken = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                using var cancellation = new CancellationTokenSource();
                var waiting = limiter.AcquireAsync("p", "k", 1 + (i % 3), cancellation.Token).AsTask();
                if ((i + caller) % 4 == 0)
                {
                    await cancellation.CancelAsync();
                }

                await waiting.ContinueWith(t => t.IsCanceled || t.Result.IsAcquired ? Interlocked.Increment(ref taken) : 0, TaskScheduler.Default);
            }
        }))).WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);

        Assert.Equal(800, taken);
        Assert.Equal(0, limiter.PermitsInLine("p", "k"));
    }

    // The in-process store's own.
    private static int SweepTimers => 1;

    private static RateLimitOptions Options(int limit, int queueLimit) => new()
    {
        Policies = { ["p"] = new() { Limit = limit, Window = Window, QueueLimit = queueLimit }, ["default"] = new() { Limit = 2, Window = Window } },
    };

    private static (RateLimitOutcome Outcome, int Remaining) Summary(RateLimitDecision decision) => (decision.Outcome, decision.Remaining);

    // One that is never woken is to fail its test, not to hang the run.
    private Task<RateLimitDecision> AcquireAsync(int permits, CancellationToken cancellationToken = default) =>
        _limiter.AcquireAsync("p", "k", permits, cancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, CancellationToken.None);

    /// <summary>A store over a network, as far as time goes: it takes the permits first, and answers when told.</summary>
    private sealed class SlowStore(IRateLimitStore inner) : IRateLimitStore
    {
        private TaskCompletionSource? _held;
        private volatile bool _isHolding;

        public bool IsHolding => _isHolding;

        public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _held!.SetResult();

        public RateLimitDecision AttemptAcquire(in RateLimitCharge charge) => inner.AttemptAcquire(charge);

        public async ValueTask<RateLimitDecision> AcquireAsync(RateLimitCharge charge, CancellationToken cancellationToken = default)
        {
            var decision = await inner.AcquireAsync(charge, cancellationToken);
            if (_held is { } held && decision.IsAcquired)
            {
                _isHolding = true;
                await held.Task;
            }

            return decision;
        }

        public ValueTask<RateLimitDecision> AcquireAllAsync(ReadOnlyMemory<RateLimitCharge> charges, CancellationToken cancellationToken = default) =>
            inner.AcquireAllAsync(charges, cancellationToken);

        public ValueTask<bool> SettleAsync(RateLimitCharge charge, int actual, CancellationToken cancellationToken = default) =>
            inner.SettleAsync(charge, actual, cancellationToken);
    }
}
