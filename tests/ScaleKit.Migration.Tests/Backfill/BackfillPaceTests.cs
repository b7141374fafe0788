using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

public sealed class BackfillPaceTests : IDisposable
{
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(251);
    private readonly ManualTimeProvider _clock = new();
    private readonly MigrationLadder _ladder;
    private readonly BackfillPace _pace;

    public BackfillPaceTests()
    {
        _ladder = new(new InMemoryStore<string, string>("old"), new InMemoryStore<string, string>("new"), timeProvider: _clock);
        _pace = new BackfillPace(_ladder);
    }

    public void Dispose() => _ladder.Dispose();

    [Fact]
    public void Copied_BothStoresQuick_NoRest()
    {
        Assert.Equal(TimeSpan.Zero, _pace.Copied(500, Quick, Quick));
        Assert.Equal(1, _pace.Share);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Copied_EitherStoreSlow_ShareHalvesAndTheLaneRestsAsLongAsItWorked(bool reading)
    {
        var rest = _pace.Copied(500, reading ? Slow : Quick, reading ? Quick : Slow);

        Assert.Equal(0.5, _pace.Share);
        Assert.Equal(Slow + Quick, rest);
    }

    [Fact]
    public void Failed_AgainAndAgain_HalvesDownToA32nd()
    {
        _pace.Failed();
        Assert.Equal(0.5, _pace.Share);
        for (var i = 0; i < 20; i++)
        {
            _pace.Failed();
        }

        Assert.Equal(1 / 32.0, _pace.Share);
        Assert.Equal(31 * 2 * Slow, _pace.Copied(500, Slow, Slow));
    }

    [Fact]
    public void Copied_QuickAgain_GrowsByA32ndAPage()
    {
        _pace.Failed();
        for (var page = 1; page <= 16; page++)
        {
            _pace.Copied(500, Quick, Quick);
            Assert.Equal(0.5 + (page / 32.0), _pace.Share);
        }

        _pace.Copied(500, Quick, Quick);
        Assert.Equal(1, _pace.Share);
    }

    [Fact]
    public async Task RunAsync_MirrorSlow_BackfillRestsAndTellsItsPace()
    {
        var slow = new SteeredStore(new InMemoryStore<string, string>("new"), "new");
        var old = new InMemoryStore<string, string>("old");
        using var ladder = new MigrationLadder(old, slow, new() { BackfillBatchSize = 1, BackfillParallelism = 1, RepairInBackground = false, LeaseDuration = TimeSpan.Zero }, timeProvider: _clock);
        await using var repository = new DualWriteRepository<string, string>(old, slow, ladder);
        await repository.UpsertAsync("a", "1");
        await repository.UpsertAsync("b", "1");
        await ladder.AdvanceAsync();
        slow.Before = call =>
        {
            _clock.Advance(call == SteeredStore.Call.Apply ? TimeSpan.FromSeconds(1) : TimeSpan.Zero);
            return Task.CompletedTask;
        };
        var paces = new List<double>();
        var run = new Backfill<string, string>(repository).RunAsync(new Recorder(paces));

        // One second of work at half the time: one second of rest. Then a quarter: three.
        foreach (var (rows, seconds) in ((int, int)[])[(1, 1), (2, 3)])
        {
            await Eventually.HoldsAsync(() => _clock.ArmedTimers == 1, "the backfill rests");
            Assert.Equal(rows, await slow.CountAsync(default));
            _clock.Advance(TimeSpan.FromSeconds(seconds - 0.01));
            Assert.Equal(1, _clock.ArmedTimers);
            _clock.Advance(TimeSpan.FromSeconds(0.01));
        }

        await run;
        Assert.Equal([1, 0.5, 0.25], paces);
    }

    private sealed class Recorder(List<double> paces) : IProgress<MigrationProgress>
    {
        public void Report(MigrationProgress value) => paces.Add(value.Pace);
    }
}
