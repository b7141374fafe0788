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

        await Assert.ThrowsAsync<IOException>(() => _flight.WaitAsync(_clock, default).AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task WaitAsync_RacingTheEnd_AlwaysHearsOfIt()
    {
        // The waiter makes the source and looks for the end; the end is set and looks for the source. Without full fences both could look too early: two threads that
        // meet before each flight, and have both read it already, so that what one writes takes a while to reach the other.
        // On one processor there is no such race, and each meeting takes two turns of it.
        var races = Environment.ProcessorCount > 1 ? 100_000 : 1_000;
        Flight<int>[] flights = [.. Enumerable.Range(0, races).Select(_ => new Flight<int>([], _flight.Token, canBeAbandoned: false))];
        Filled<int>[] filled = [.. Enumerable.Range(0, races).Select(i => new Filled<int>(FillSource.Factory, i, entry: null))];
        var heard = new Task<Filled<int>>[races];
        var arrived = 0;
        void Meet(int race)
        {
            Assert.Empty(flights[race].Tags);
            Interlocked.Increment(ref arrived);
            for (var spins = 1; Volatile.Read(ref arrived) < 2 * (race + 1); spins++)
            {
                if (spins % 1000 == 0)
                    Thread.Yield();
            }
        }

        var end = Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < races; i++)
                {
                    Meet(i);
                    flights[i].Complete(filled[i]);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        for (var i = 0; i < races; i++)
        {
            Meet(i);
            heard[i] = flights[i].WaitAsync(_clock, default).AsTask();
        }

        await end;
        Assert.Equal(filled, await Task.WhenAll(heard).WaitAsync(TimeSpan.FromSeconds(30)));
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
