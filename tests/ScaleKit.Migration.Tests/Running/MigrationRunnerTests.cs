namespace ScaleKit.Migration.Tests;

public sealed class MigrationRunnerTests
{
    [Fact]
    public async Task RunAsync_FarPhase_DoesWhatEveryRungNeeds()
    {
        await using var rig = new Rig();
        await rig.Repository.UpsertAsync("k", "1");

        var report = await new MigrationRunner<string, string>(rig.Repository).RunAsync();

        Assert.True(report.Completed);
        Assert.Equal((MigrationPhase.OldOnly, MigrationPhase.NewOnly), (report.From, report.To));
        Assert.Equal((1, 0), (report.RowsCompared, report.Lost));
    }

    [Fact]
    public async Task Commands_OneByOne_SameAsTheWalk()
    {
        await using var rig = new Rig();
        await rig.Repository.UpsertAsync("k", "1");
        var runner = new MigrationRunner<string, string>(rig.Repository);

        Assert.True((await runner.AdvanceAsync()).Moved);
        Assert.False((await runner.AdvanceAsync()).Moved);
        Assert.Equal(1, (await runner.BackfillAsync()).Applied);
        Assert.True((await runner.VerifyAsync()).IsClean);
        Assert.True((await runner.AdvanceAsync()).Moved);
        Assert.True((await runner.BackAsync()).Moved);
        Assert.Equal(MigrationPhase.DualWrite, rig.Ladder.Phase);
    }

    [Fact]
    public async Task GetStatusAsync_EachStep_TellsPhaseDebtAndRows()
    {
        await using var rig = new Rig();
        await rig.Repository.UpsertAsync("k", "1");
        var runner = new MigrationRunner<string, string>(rig.Repository);
        Assert.Equal((MigrationPhase.OldOnly, 0L, 0L), Key(await runner.GetStatusAsync()));

        await runner.AdvanceAsync();
        await rig.Repository.UpsertAsync("k", "2");
        Assert.Equal((MigrationPhase.DualWrite, 1L, 0L), Key(await runner.GetStatusAsync()));

        await runner.BackfillAsync();
        var status = await runner.GetStatusAsync();
        Assert.Equal((MigrationPhase.DualWrite, 1L, 1L), Key(status));
        Assert.Equal("B (DualWrite), epoch 2, backfilled 1 rows (complete), not verified, debt 1", status.ToString());

        // Another process has moved on: the journal knows.
        var other = new MigrationRunner<string, string>(rig.NewProcess(rig.Journal));
        await other.RunAsync(MigrationPhase.DualWriteBoth);
        Assert.Equal(MigrationPhase.DualWriteBoth, (await runner.GetStatusAsync()).Phase);

        static (MigrationPhase, long, long) Key(MigrationStatus status) => (status.Phase, status.Debt, status.BackfilledRows);
    }

    [Fact]
    public async Task Pause_WalkAndItsWork_WaitUntilResumed()
    {
        await using var rig = new Rig();
        await rig.Repository.UpsertAsync("k", "1");
        var runner = new MigrationRunner<string, string>(rig.Repository);
        await runner.AdvanceAsync();
        runner.Pause();
        Task[] work = [runner.BackfillAsync(), runner.VerifyAsync()];
        Assert.All(work, task => Assert.False(task.IsCompleted));
        Assert.Equal("1|-", await rig.BothAsync("k"));
        Assert.True((await runner.GetStatusAsync()).IsPaused);

        // Unlike the kill switch, it leaves the debts to the repair.
        await rig.Repository.UpsertAsync("other", "1");
        await rig.Repository.Repair.DrainAsync();
        Assert.Equal("1|1", await rig.BothAsync("other"));
        runner.Resume();

        await Task.WhenAll(work);
        Assert.Equal("1|1", await rig.BothAsync("k"));

        runner.Pause();
        var walk = runner.RunAsync();
        Assert.False(walk.IsCompleted);
        Assert.Equal(MigrationPhase.DualWrite, rig.Ladder.Phase);
        runner.Resume();
        Assert.True((await walk).Completed);
    }

    [Fact]
    public async Task IsEnabled_Off_RefusesMovesAndIsShown()
    {
        await using var rig = new Rig();
        var runner = new MigrationRunner<string, string>(rig.Repository) { IsEnabled = false };

        Assert.Contains("kill switch", Assert.Single((await runner.AdvanceAsync()).Missing).Message, StringComparison.Ordinal);
        Assert.EndsWith("switched off", (await runner.GetStatusAsync()).ToString(), StringComparison.Ordinal);
    }
}
