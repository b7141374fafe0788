using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class FlightTests
{
    private readonly MonotonicClock _clock = new(new ManualTimeProvider());
    private readonly Flight<int> _flight = new([], new FillToken(new(1, 1), 0, IsFollowing: true), canBeAbandoned: true);

    [Fact]
    public async Task WaitAsync_BeforeAndAfterTheEnd_BringsTheSameResult()
    {
        var filled = new Filled<int>(FillSource.Factory, 1, entry: null);
        var early = _flight.WaitAsync(_clock, default).AsTask();
        Assert.False(early.IsCompleted);

        _flight.Complete(filled);

        Assert.Same(filled, await early);
        Assert.Same(filled, await _flight.WaitAsync(_clock, default));
    }

    [Fact]
    public async Task WaitAsync_NobodyWaitedWhenItFailed_ThrowsWhatTheFillThrew()
    {
        _flight.Fail(new IOException("down"));

        await Assert.ThrowsAsync<IOException>(async () => await _flight.WaitAsync(_clock, default));
    }

    [Fact]
    public async Task WaitAsync_RacingTheEnd_AlwaysHearsOfIt()
    {
        // The waiter makes the source and looks for the end; the end is set and looks for the source. Without full fences both could look too early.
        for (var i = 0; i < 20_000; i++)
        {
            var flight = new Flight<int>([], _flight.Token, canBeAbandoned: false);
            var end = Task.Run(() => flight.Complete(new(FillSource.Factory, i, entry: null)));
            Assert.Equal(i, (await flight.WaitAsync(_clock, default).AsTask().WaitAsync(TimeSpan.FromSeconds(30))).ValueFor(isLeader: true));
            await end;
        }
    }

    [Fact]
    public void TryClose_AloneOrShared_LetsNobodyInOnlyWhenAlone()
    {
        Assert.True(_flight.TryJoin());
        Assert.False(_flight.TryClose());
        _flight.Leave();

        Assert.True(_flight.TryClose());
        Assert.False(_flight.TryJoin());

        // The one who leads may still leave; a closed flight is at its end and is not cancelled.
        _flight.Leave();
        Assert.False(_flight.TryJoin());
        Assert.False(_flight.Abandoned.IsCancellationRequested);
    }
}
