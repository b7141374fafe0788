using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

public sealed class MirrorWatchTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly List<(bool IsFailing, double Share)> _heard = [];
    private readonly RecordedLog _log = new();
    private readonly MirrorWatch _watch;

    public MirrorWatchTests() => _watch = new(0.05, _clock, _log, change => _heard.Add((change.IsFailing, change.Share)));

    [Fact]
    public void Count_AboveTheLimitAndBack_IsToldOnceEachWithHysteresis()
    {
        Window(taken: 95, failed: 5);
        Assert.Empty(_heard);
        Window(taken: 94, failed: 6);
        Assert.True(_watch.IsFailing);
        Window(taken: 50, failed: 50);
        Window(taken: 970, failed: 30);
        Assert.True(_watch.IsFailing);

        Window(taken: 975, failed: 25);

        Assert.False(_watch.IsFailing);
        Window(taken: 960, failed: 40);
        Assert.Equal([(true, 0.06), (false, 0.025)], _heard);
        Assert.Equal([nameof(Log.MirrorFailing), nameof(Log.MirrorTakes)], _log.Events);
    }

    [Fact]
    public void Count_FewRowsOrWithinAWindow_JudgesNothing()
    {
        _watch.Count(0, 1000);
        Assert.False(_watch.IsFailing);

        _clock.Advance(MirrorWatch.Window);
        _watch.Count(0, 0);
        Assert.True(_watch.IsFailing);
        Window(taken: MirrorWatch.LeastRows - 1, failed: 0);
        Assert.True(_watch.IsFailing);
        _watch.Count(1, 0);
        Assert.False(_watch.IsFailing);
    }

    [Fact]
    public void Count_ManyThreadsAtTheEndOfAWindow_IsToldOnce()
    {
        _watch.Count(0, 1000);
        _clock.Advance(MirrorWatch.Window);

        Parallel.For(0, 10_000, _ => _watch.Count(0, 1));

        Assert.Single(_heard);
    }

    [Fact]
    public async Task MirrorFailing_MirrorBreaksAndIsMended_IsRaisedAndClearedAndAHandlerThatThrowsHarmsNobody()
    {
        await using var rig = new Rig();
        var repository = rig.NewProcess(rig.Journal, _clock);
        await repository.Ladder.AdvanceAsync();
        repository.Ladder.MirrorFailing += (sender, change) =>
        {
            Assert.Same(repository.Ladder, sender);
            _heard.Add((change.IsFailing, change.Share));
            throw new InvalidOperationException();
        };
        for (var i = 0; i < MirrorWatch.LeastRows; i++)
        {
            await repository.UpsertAsync($"k{i}", "1");
        }

        _clock.Advance(MirrorWatch.Window);
        rig.New.Break(SteeredStore.Call.Apply, SteeredStore.Call.Read);
        await Assert.ThrowsAsync<MirrorUnavailableException>(() => repository.Repair.StepAsync().AsTask());
        Assert.Equal([(true, 1.0)], _heard);

        _clock.Advance(MirrorWatch.Window);
        rig.New.Mend();
        await repository.Repair.StepAsync();

        Assert.Equal([(true, 1.0), (false, 0.0)], _heard);
    }

    [Fact]
    public async Task MirrorFailing_AwaitedMirrorWrites_AreCounted()
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(MigrationPhase.DualWriteBoth);
        var repository = rig.NewProcess(rig.Journal, _clock);
        repository.Ladder.MirrorFailing += (_, change) => _heard.Add((change.IsFailing, change.Share));
        for (var i = 0; i < MirrorWatch.LeastRows - 10; i++)
        {
            await repository.UpsertAsync($"k{i}", "1");
        }

        rig.New.Break(SteeredStore.Call.Apply);
        _clock.Advance(MirrorWatch.Window);
        for (var i = 0; i < 10; i++)
        {
            await Assert.ThrowsAsync<MirrorUnavailableException>(() => repository.UpsertAsync("k", "1").AsTask());
        }

        Assert.Equal([(true, 0.1)], _heard);
    }

    /// <summary>One window, ended by nothing.</summary>
    private void Window(int taken, int failed)
    {
        _watch.Count(taken, failed);
        _clock.Advance(MirrorWatch.Window);
        _watch.Count(0, 0);
    }
}
