using System.Diagnostics.Metrics;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Connection;

/// <summary>The ways in which an answer, a timeout and a cancellation can meet, and what becomes of the object that is used again.</summary>
public sealed class PendingCallTests : IAsyncLifetime
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private readonly ManualTimeProvider _clock = new();
    private readonly OwnMeters _meters = new();
    private readonly MeterListener _listener = new();
    private RedisServer _server = null!;
    private RedisConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        var options = new RedisOptions { ConnectionString = _server.ConnectionString, CallTimeout = CallTimeout, BreakerMinimumCalls = 1_000_000 };
        _connection = await new RedisConnection(options, _clock, meterFactory: _meters).ReadyAsync();
    }

    public async Task DisposeAsync()
    {
        _listener.Dispose();
        await _connection.DisposeAsync();
        _meters.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Answer_AfterTheTimeout_DoesNotReachTheNextCall()
    {
        var late = new HeldCall();
        var timedOut = Send(late);
        _clock.Advance(CallTimeout);
        Assert.Equal(RedisFailure.TimedOut, await Connect.FailureAsync(() => timedOut));

        await AssertSparesTheNextCallAsync(late);
    }

    [Fact]
    public async Task Answer_AfterTheCallerGaveUp_DoesNotReachTheNextCall()
    {
        using var impatient = new CancellationTokenSource();
        var late = new HeldCall();
        var givenUp = Send(late, impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);

        await AssertSparesTheNextCallAsync(late);
    }

    [Fact]
    public async Task Cancel_AfterTheAnswer_DoesNotReachTheNextCall()
    {
        using var late = new CancellationTokenSource();
        var first = new HeldCall();
        var answered = Send(first, late.Token);
        first.Answer();
        Assert.True(await answered);

        var next = new HeldCall();
        var sending = Send(next);
        await late.CancelAsync();
        Assert.False(sending.IsCompleted);
        next.Answer();
        Assert.True(await sending);
    }

    [Fact]
    public async Task GetResult_AwaitedTwice_ThrowsAndSparesTheNextCall()
    {
        var first = new HeldCall();
        var awaited = _connection.Guard.SendAsync<HeldCall, bool>("held", first, CancellationToken.None);
        first.Answer();
        Assert.True(await awaited);

        // The next call has its answer, and nobody has taken it yet.
        var next = new HeldCall();
        var sending = _connection.Guard.SendAsync<HeldCall, bool>("held", next, CancellationToken.None);
        next.Answer();
        await Eventually.HoldsAsync(() => sending.IsCompleted, "the next call is answered");
#pragma warning disable CA2012, MA0042 // Awaiting twice is the mistake that is tried here.
        Assert.Throws<InvalidOperationException>(() => awaited.GetAwaiter().GetResult());
#pragma warning restore CA2012, MA0042
        Assert.True(await sending);
    }

    [Fact]
    public async Task Answer_WhileTheTimeIsUp_ExactlyOneOfThemEndsTheCall()
    {
        var (answered, timedOut, ended) = (0, 0, 0);
        _listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, _meters) && instrument.Name is RedisDiagnostics.CallDuration)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref ended));
        _listener.Start();
        for (var i = 0; i < 3_000; i++)
        {
            var call = new HeldCall();
            var sending = Send(call);
            using var start = new Barrier(2);
            var answering = Task.Run(() =>
            {
                start.SignalAndWait();
                call.Answer();
            });
            start.SignalAndWait();
            _clock.Advance(CallTimeout);
            await answering;
            try
            {
                Assert.True(await sending);
                answered++;
            }
            catch (RedisUnavailableException e) when (e.Failure is RedisFailure.TimedOut)
            {
                timedOut++;
            }
        }

        Assert.Equal(3_000, answered + timedOut);
        Assert.Equal(3_000, ended);
        Assert.Equal(0, _connection.Guard.UnderWay.Count);
    }

    [Fact]
    public async Task Cancel_ContinuationBlocks_DoesNotHoldWhoCancels()
    {
        using var impatient = new CancellationTokenSource();
        using var release = new ManualResetEventSlim();
        var call = new HeldCall();
        var blocking = BlockAsync(call, release, impatient.Token);

        var cancelling = Task.Run(impatient.Cancel);
        var first = await Task.WhenAny(cancelling, Task.Delay(Deadline, TimeProvider.System));
        release.Set();

        Assert.Same(cancelling, first);
        await blocking;
        call.Answer();
    }

    [Fact]
    public async Task Timeout_ContinuationBlocks_DoesNotHoldTheOtherTimeouts()
    {
        using var release = new ManualResetEventSlim();
        var blocking = BlockAsync(new HeldCall(), release, CancellationToken.None);
        var other = Send(new HeldCall());

        var advancing = Task.Run(() => _clock.Advance(CallTimeout));
        var both = Task.WhenAll(advancing, Connect.FailureAsync(() => other));
        var first = await Task.WhenAny(both, Task.Delay(Deadline, TimeProvider.System));
        release.Set();

        Assert.Same(both, first);
        await blocking;
    }

    private async Task BlockAsync(HeldCall call, ManualResetEventSlim release, CancellationToken cancellationToken)
    {
        try
        {
            await _connection.Guard.SendAsync<HeldCall, bool>("held", call, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RedisUnavailableException or OperationCanceledException)
        {
            release.Wait(CancellationToken.None);
        }
    }

    private async Task AssertSparesTheNextCallAsync(HeldCall late)
    {
        var next = new HeldCall();
        var sending = Send(next);
        late.Answer();
        Assert.False(sending.IsCompleted);

        // Had the late answer taken the next call's turn, its timeout would find it taken.
        _clock.Advance(CallTimeout);
        Assert.Equal(RedisFailure.TimedOut, await Connect.FailureAsync(() => sending.WaitAsync(Deadline, TimeProvider.System)));
        Assert.Equal(0, _connection.Guard.UnderWay.Count);
    }

    private Task<bool> Send(HeldCall call, CancellationToken cancellationToken = default) =>
        _connection.Guard.SendAsync<HeldCall, bool>("held", call, cancellationToken).AsTask();
}
