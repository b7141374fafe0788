using Polly.CircuitBreaker;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Connection;

public sealed class CallGuardTests
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task SendAsync_ServerStopped_EachKindOfCallEndsByItsTimeoutAndHardlyBefore()
    {
        await using var server = await RedisServer.StartAsync();
        var clock = new ManualTimeProvider();
        await using var connection = await Connect.To(server, Tight, clock).ReadyAsync();
        var name = connection.Names.Name("test", "k");
        server.Pause();

        Task[] calls =
        [
            connection.GetAsync(name, CancellationToken.None).AsTask(),
            connection.SetAsync(name, [1], null, CancellationToken.None).AsTask(),
            connection.DeleteAsync(name, CancellationToken.None).AsTask(),
            connection.PublishAsync(name, [1], CancellationToken.None).AsTask(),
            connection.GetManyAsync([name], CancellationToken.None).AsTask(),
            connection.CheckHealthAsync().AsTask(),
        ];
        Assert.Equal(calls.Length, connection.Guard.UnderWay.Count);
        clock.Advance((CallTimeout * 0.95) - TimeSpan.FromTicks(1));
        Assert.DoesNotContain(calls, call => call.IsCompleted);
        clock.Advance(CallTimeout * 0.05);

        foreach (var call in calls[..^1])
        {
            Assert.Equal(RedisFailure.TimedOut, await Connect.FailureAsync(() => call));
        }

        Assert.Equal(RedisFailure.TimedOut, (await (Task<RedisHealth>)calls[^1]).Failure?.Failure);
        Assert.Equal(0, connection.Guard.UnderWay.Count);
    }

    [Fact]
    public async Task SendAsync_ServerStoppedBeforeTheFirstCall_EndsAtItsTimeout()
    {
        await using var server = await RedisServer.StartAsync();
        server.Pause();
        var clock = new ManualTimeProvider();
        await using var connection = Connect.To(server, Tight, clock);

        var call = connection.GetAsync("k").AsTask();
        clock.Advance(CallTimeout);

        Assert.Equal(RedisFailure.NotConnected, await Connect.FailureAsync(() => call));
    }

    [Fact]
    public async Task SendAsync_ServerKilledAndBack_BreakerOpensHalfOpensAndCloses()
    {
        await using var server = await RedisServer.StartAsync();
        var clock = new ManualTimeProvider();
        await using var connection = await Connect.To(server, Tight, clock).ReadyAsync();
        await server.KillAsync();

        await FailUntilOpenAsync(connection);
        var refused = await Assert.ThrowsAsync<RedisUnavailableException>(() => connection.GetAsync("k").AsTask());
        Assert.Equal((RedisFailure.CircuitOpen, Pause), (refused.Failure, refused.RetryAfter));

        // Half-open: one call goes through, fails, and the breaker is open for another pause.
        clock.Advance(Pause);
        Assert.Equal(RedisFailure.NotConnected, await Connect.FailureAsync(connection.GetAsync("k")));
        Assert.Equal(RedisFailure.CircuitOpen, await Connect.FailureAsync(connection.GetAsync("k")));

        await server.RestartAsync();
        await Eventually.HoldsAsync(
            async () =>
            {
                clock.Advance(Pause);
                return (await connection.CheckHealthAsync()).IsHealthy;
            },
            "a call after the pause closes the breaker");
        Assert.Equal(CircuitState.Closed, connection.Guard.State);
        Assert.Null(await connection.GetAsync("k"));
    }

    [Fact]
    public async Task SendAsync_HalfOpen_LetsOneCallThroughOnly()
    {
        await using var server = await RedisServer.StartAsync();
        var clock = new ManualTimeProvider();
        await using var connection = await Connect.To(server, Tight, clock).ReadyAsync();
        await server.KillAsync();
        await FailUntilOpenAsync(connection);
        await server.RestartAsync();
        server.Pause();
        clock.Advance(Pause);

        var calls = Enumerable.Range(0, 20).Select(_ => connection.GetAsync("k").AsTask()).ToArray();
        await Eventually.HoldsAsync(() => calls.Count(call => call.IsCompleted) >= 19, "all but the trial are refused");

        // The trial may have failed as well by now: the client need not be connected yet.
        var failures = new List<RedisFailure>();
        foreach (var call in calls.Where(call => call.IsCompleted))
        {
            failures.Add(await Connect.FailureAsync(() => call));
        }

        Assert.True(failures.Count(failure => failure is not RedisFailure.CircuitOpen) <= 1);
        clock.Advance(CallTimeout);
    }

    [Fact]
    public async Task SendAsync_CallersGiveUpEarly_BreakerStillLearnsThatTheServerIsSilent()
    {
        await using var server = await RedisServer.StartAsync();
        var clock = new ManualTimeProvider();
        await using var connection = await Connect.To(server, Tight, clock).ReadyAsync();
        server.Pause();

        for (var i = 0; i < 4; i++)
        {
            using var impatient = new CancellationTokenSource();
            var call = connection.GetAsync(connection.Names.Name("test", "k"), impatient.Token).AsTask();
            await impatient.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        await Eventually.HoldsAsync(
            () =>
            {
                clock.Advance(CallTimeout / 10);
                return connection.Guard.State is CircuitState.Open;
            },
            "the breaker opens although nobody waited for the timeouts");
    }

    [Fact]
    public async Task SendAsync_CancelledBefore_IsNotSent()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await Connect.To(server).ReadyAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => connection.SetAsync(connection.Names.Name("test", "k"), [1], null, new CancellationToken(canceled: true)).AsTask());

        Assert.Equal("0", await server.CommandAsync("DBSIZE"));
    }

    [Fact]
    public async Task SendAsync_ContinuationBlocks_DoesNotHoldTheThreadThatBringsTheAnswer()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await Connect.To(server).ReadyAsync();
        var call = new HeldCall();
        using var release = new ManualResetEventSlim();
        var blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        async Task BlockAsync()
        {
            await connection.Guard.SendAsync<HeldCall, bool>("held", call, CancellationToken.None).ConfigureAwait(false);
            blocked.SetResult();
            release.Wait();
        }

        // Returns when every await up to the client's task has its continuation in place: none can find the answer already there.
        var blocking = BlockAsync();
        Assert.True(call.Sent.IsCompletedSuccessfully);

        // Client 1.2.6 brings all answers on one thread, one after another. Returning from here is what lets the next one come.
        var bringing = Task.Run(call.Answer);
        await blocked.Task;
        Assert.Same(bringing, await Task.WhenAny(bringing, Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System)));
        release.Set();
        await blocking;
    }

    [Fact]
    public async Task SendAsync_AnswerFailsAfterTheTimeout_IsObserved()
    {
        var unobserved = new List<Exception>();
        void Record(object? sender, UnobservedTaskExceptionEventArgs e)
        {
            lock (unobserved)
            {
                unobserved.AddRange(e.Exception.InnerExceptions.Where(inner => inner.Message == HeldCall.LateFailure));
            }
        }

        TaskScheduler.UnobservedTaskException += Record;
        try
        {
            var late = await TimeOutThenFailAsync();
            await Eventually.HoldsAsync(
                () =>
                {
                    GC.Collect();
                    GC.WaitForPendingFinalizers();
                    return !late.IsAlive;
                },
                "the late answer is collected");
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Record;
        }

        Assert.Empty(unobserved);
    }

    private static async Task<WeakReference> TimeOutThenFailAsync()
    {
        await using var server = await RedisServer.StartAsync();
        var clock = new ManualTimeProvider();
        await using var connection = await Connect.To(server, Tight, clock).ReadyAsync();
        var call = new HeldCall();
        var sending = connection.Guard.SendAsync<HeldCall, bool>("held", call, CancellationToken.None).AsTask();
        await call.Sent;
        clock.Advance(CallTimeout);
        Assert.Equal(RedisFailure.TimedOut, await Connect.FailureAsync(() => sending));

        call.Fail();
        return call.ToTask();
    }

    private static void Tight(RedisOptions options)
    {
        options.CallTimeout = CallTimeout;
        options.BreakerMinimumCalls = 4;
        options.BreakerPause = Pause;
    }

    private static Task FailUntilOpenAsync(RedisConnection connection) => Eventually.HoldsAsync(
        async () => await Connect.FailureAsync(connection.GetAsync("k")) is RedisFailure.CircuitOpen, "the breaker opens");
}
