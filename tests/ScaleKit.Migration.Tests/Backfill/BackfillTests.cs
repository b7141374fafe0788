using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

public sealed class BackfillTests
{
    [Theory]
    [InlineData(MigrationPhase.OldOnly)]
    [InlineData(MigrationPhase.NewOnly)]
    public async Task RunAsync_NoDualWrites_Refused(MigrationPhase phase)
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(phase);

        var refused = await Assert.ThrowsAsync<MigrationStateException>(() => new Backfill<string, string>(rig.Repository).RunAsync());
        Assert.Contains("needs dual writes", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(101)]
    public async Task RunAsync_AnyNumberOfRows_CopiesAllWithVersions(int rows)
    {
        await using var rig = new Rig(o => o.BackfillBatchSize = 10);
        for (var i = 0; i < rows; i++)
        {
            await rig.Repository.UpsertAsync($"k{i:D5}", $"{i}");
        }

        await rig.Ladder.AdvanceAsync();
        var reports = new List<MigrationProgress>();
        var report = await new Backfill<string, string>(rig.Repository).RunAsync(new Recorder(reports));

        Assert.Equal(rows, report.Rows);
        Assert.Equal(rows, report.Applied);
        Assert.False(report.Resumed);
        Assert.True(rig.Ladder.State.MirrorComplete);
        Assert.Equal(await rig.Old.DigestAsync(default), await rig.New.DigestAsync(default));
        Assert.Equal(rows, reports[^1].Rows);
        Assert.Equal(rows == 0 ? 0 : 1, reports[^1].Fraction);
        Assert.Equal(reports.Select(r => r.Rows).Order(), reports.Select(r => r.Rows));
    }

    [Fact]
    public async Task RunAsync_StoppedAndStartedAgain_GoesOnAtTheCheckpoint()
    {
        await using var rig = new Rig(o => (o.BackfillBatchSize, o.BackfillParallelism) = (10, 1));
        for (var i = 0; i < 100; i++)
        {
            await rig.Repository.UpsertAsync($"k{i:D5}", $"{i}");
        }

        await rig.Ladder.AdvanceAsync();
        using var stop = new CancellationTokenSource();
        var pages = 0;
        rig.New.Before = call => call == SteeredStore.Call.Apply && ++pages == 5 ? stop.CancelAsync() : Task.CompletedTask;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new Backfill<string, string>(rig.Repository).RunAsync(cancellationToken: stop.Token));
        rig.New.Mend();
        rig.Crash();
        await rig.Repository.UpsertAsync("k00001", "written between both runs, behind the cursor");
        await rig.Repository.DeleteAsync("k00002");

        var report = await new Backfill<string, string>(rig.Repository).RunAsync();

        Assert.True(report.Resumed);
        Assert.Equal(100, report.Rows);
        Assert.InRange(report.Applied, 50, 60);
        await rig.Repository.Repair.DrainAsync();
        Assert.Equal(await rig.Old.DigestAsync(default), await rig.New.DigestAsync(default));
    }

    [Fact]
    public async Task RunAsync_MirrorHiccups_TriesAgain()
    {
        await using var rig = new Rig(o => o.RepairInterval = TimeSpan.FromMilliseconds(1));
        await rig.Repository.UpsertAsync("k", "1");
        await rig.Ladder.AdvanceAsync();
        var failures = 3;
        rig.New.Before = call => call == SteeredStore.Call.Apply && failures-- > 0 ? Task.FromException(new IOException("hiccup")) : Task.CompletedTask;

        Assert.Equal(1, (await new Backfill<string, string>(rig.Repository).RunAsync()).Applied);
    }

    [Fact]
    public async Task RunAsync_LadderGoesBackMeanwhile_StopsAndCountsForNothing()
    {
        await using var rig = new Rig(o => o.BackfillBatchSize = 1);
        await rig.Repository.UpsertAsync("a", "1");
        await rig.Repository.UpsertAsync("b", "1");
        await rig.Ladder.AdvanceAsync();
        var first = true;
        rig.Old.After = async call =>
        {
            if (call == SteeredStore.Call.Scan && first)
            {
                first = false;
                await rig.Ladder.BackAsync();
            }
        };

        var stopped = await Assert.ThrowsAsync<MigrationStateException>(() => new Backfill<string, string>(rig.Repository).RunAsync());
        Assert.Contains("start again", stopped.Message, StringComparison.Ordinal);
        Assert.False(rig.Ladder.State.MirrorComplete);
    }

    [Fact]
    public async Task RunAsync_LadderGoesBackAndForthBetweenTwoPages_StopsAtTheNextOne()
    {
        await using var rig = new Rig(o => (o.BackfillBatchSize, o.BackfillParallelism) = (1, 1));
        await rig.Repository.UpsertAsync("a", "1");
        await rig.Repository.UpsertAsync("b", "1");
        await rig.Ladder.AdvanceAsync();
        var moved = new AfterTheFirstPage(async () => Assert.True((await rig.Ladder.BackAsync()).Moved && (await rig.Ladder.AdvanceAsync()).Moved));

        var stopped = await Assert.ThrowsAsync<MigrationStateException>(() => new Backfill<string, string>(rig.Repository).RunAsync(moved));
        Assert.Contains("start again", stopped.Message, StringComparison.Ordinal);
        Assert.Equal("1|-", await rig.BothAsync("b"));
    }

    [Fact]
    public async Task RunAsync_TwoAtOnce_OneIsRefused()
    {
        await using var rig = new Rig(o => (o.BackfillBatchSize, o.BackfillParallelism) = (1, 1));
        await rig.Repository.UpsertAsync("a", "1");
        await rig.Repository.UpsertAsync("b", "1");
        await rig.Ladder.AdvanceAsync();
        var (arrived, release) = rig.New.HoldNext(SteeredStore.Call.Apply);
        var first = new Backfill<string, string>(rig.Repository).RunAsync();
        await arrived;
        await new Backfill<string, string>(rig.Repository).RunAsync();
        release();

        Assert.Contains("Another backfill", (await Assert.ThrowsAsync<MigrationStateException>(() => first)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_Throttled_KeepsTheRateOnTheClock()
    {
        var clock = new ManualTimeProvider();
        var (old, @new) = (new InMemoryStore<string, string>("old"), new InMemoryStore<string, string>("new"));
        using var ladder = new MigrationLadder(old, @new, new() { BackfillBatchSize = 10, BackfillRowsPerSecond = 10, BackfillParallelism = 1, RepairInBackground = false, LeaseDuration = TimeSpan.Zero }, timeProvider: clock);
        await using var repository = new DualWriteRepository<string, string>(old, @new, ladder);
        for (var i = 0; i < 30; i++)
        {
            await repository.UpsertAsync($"k{i:D2}", "1");
        }

        await ladder.AdvanceAsync();
        var run = new Backfill<string, string>(repository).RunAsync();
        for (var rows = 10; rows <= 30; rows += 10)
        {
            await Eventually.HoldsAsync(() => clock.ArmedTimers == 1, "the backfill waits");
            Assert.Equal(rows, await @new.CountAsync(default));
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        await run;
    }

    [Fact]
    public async Task RunAsync_KillSwitchOff_PausesUntilItIsOn()
    {
        await using var rig = new Rig();
        await rig.Repository.UpsertAsync("k", "1");
        await rig.Ladder.AdvanceAsync();
        rig.Ladder.IsEnabled = false;
        var run = new Backfill<string, string>(rig.Repository).RunAsync();
        var verification = new Verification<string, string>(rig.Repository).RunAsync();
        Assert.False(run.IsCompleted);
        Assert.False(verification.IsCompleted);
        Assert.Equal("1|-", await rig.BothAsync("k"));
        rig.Ladder.IsEnabled = true;

        await run;
        await verification;
        Assert.Equal("1|1", await rig.BothAsync("k"));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(64)]
    public async Task RunAsync_SeveralRangesAtOnce_StoppedAnywhereAndResumed_EveryRowOnce(int lanes)
    {
        await using var rig = new Rig(o => (o.BackfillBatchSize, o.BackfillParallelism) = (2, lanes));
        for (var i = 0; i < 1000; i++)
        {
            await rig.Repository.UpsertAsync($"k{i:D5}", $"{i}");
        }

        await rig.Ladder.AdvanceAsync();
        var (applied, most, inside) = (0L, 0, 0);
        for (var life = 1; life <= 5; life++)
        {
            using var stop = new CancellationTokenSource();
            var pages = 0;
            rig.New.Before = async call =>
            {
                if (call == SteeredStore.Call.Apply)
                {
                    most = Math.Max(most, Interlocked.Increment(ref inside));
                    if (Interlocked.Increment(ref pages) == 60)
                    {
                        await stop.CancelAsync();
                    }

                    await Task.Yield();
                    Interlocked.Decrement(ref inside);
                }
            };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new Backfill<string, string>(rig.Repository).RunAsync(cancellationToken: stop.Token));
            rig.New.Mend();
            rig.Crash();
            applied = await rig.New.CountAsync(default);
            Assert.InRange(applied, 1, 1000 - 1);
        }

        var report = await new Backfill<string, string>(rig.Repository).RunAsync();

        Assert.True(most > 1, "No two ranges were copied at the same time.");
        Assert.True(report.Resumed);
        Assert.Equal(1000, report.Rows);
        Assert.Equal(1000 - applied, report.Applied);
        Assert.Equal(await rig.Old.DigestAsync(default), await rig.New.DigestAsync(default));
    }

    [Fact]
    public async Task RunAsync_OneRangeFailsForGood_StopsAllAndTellsWhy()
    {
        await using var rig = new Rig(o => (o.BackfillBatchSize, o.BackfillParallelism, o.RepairInterval) = (2, 4, TimeSpan.FromMilliseconds(1)));
        for (var i = 0; i < 500; i++)
        {
            await rig.Repository.UpsertAsync($"k{i:D5}", $"{i}");
        }

        await rig.Ladder.AdvanceAsync();
        rig.New.Break(SteeredStore.Call.Apply);
        await Assert.ThrowsAsync<IOException>(() => new Backfill<string, string>(rig.Repository).RunAsync());
        rig.New.Mend();

        Assert.Equal(500, (await new Backfill<string, string>(rig.Repository).RunAsync()).Applied);
    }

    private sealed class Recorder(List<MigrationProgress> reports) : IProgress<MigrationProgress>
    {
        public void Report(MigrationProgress value) => reports.Add(value);
    }

    private sealed class AfterTheFirstPage(Func<Task> act) : IProgress<MigrationProgress>
    {
        private bool _done;

        public void Report(MigrationProgress value)
        {
            if (value.Rows > 0 && !_done)
            {
                _done = true;
                Task.Run(act).GetAwaiter().GetResult();
            }
        }
    }
}
