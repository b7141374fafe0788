namespace ScaleKit.Migration.Tests;

/// <summary>The interleavings in which a phase change loses or inverts something. w1@D reads: writer 1, in phase D.</summary>
public sealed class PhaseTrapTests
{
    private const SteeredStore.Call Write = SteeredStore.Call.Write;
    private const SteeredStore.Call Apply = SteeredStore.Call.Apply;

    [Fact]
    public async Task T5_WriteBegunInA_TheMoveToBWaitsForIt()
    {
        await using var rig = new Rig(o => o.MoveTimeout = TimeSpan.FromMinutes(1));
        await rig.Ladder.LoadAsync();
        var (arrived, release) = rig.Old.HoldNext(Write, afterEffect: true);
        var write = rig.Repository.UpsertAsync("k", "1").AsTask();
        await arrived;
        var move = rig.Ladder.AdvanceAsync();
        await TestKit.Eventually.HoldsAsync(async () => await rig.Old.Inner.FenceAsync(0) == 2, "the fence stands");
        Assert.False(move.IsCompleted);
        Assert.Equal(MigrationPhase.OldOnly, rig.Ladder.Phase);
        release();
        await write;

        Assert.True((await move).Moved);
        await rig.WalkToAsync(MigrationPhase.NewOnly);
        Assert.Equal("1", (await rig.Repository.GetAsync("k")).Value);
    }

    [Fact]
    public async Task T5_WriteBegunInA_LandsAfterTheFence_IsRedoneWithAnOutboxEntry()
    {
        await using var rig = new Rig(o => o.MoveTimeout = TimeSpan.FromMinutes(1));
        await rig.Ladder.LoadAsync();
        var (arrived, release) = rig.Old.HoldNext(Write);
        var write = rig.Repository.UpsertAsync("k", "1").AsTask();
        await arrived;
        var move = rig.Ladder.AdvanceAsync();
        await TestKit.Eventually.HoldsAsync(async () => await rig.Old.Inner.FenceAsync(0) == 2, "the fence stands");
        release();
        await write;
        Assert.True((await move).Moved);

        Assert.Equal(new RowVersion(2, 1), (await rig.Old.ReadAsync("k")).Version);
        Assert.Equal(1, (await rig.Old.GetOutboxStatusAsync()).Pending);
    }

    [Fact]
    public async Task T5_OperationOfAnEarlierPhaseStillRuns_BackfillRefusesToBegin()
    {
        await using var rig = new Rig();
        await rig.Ladder.LoadAsync();

        // A reader is enough: whatever began in A must be gone.
        var (arrived, release) = rig.Old.HoldNext(SteeredStore.Call.Read);
        var read = rig.Repository.GetAsync("k").AsTask();
        await arrived;
        var refused = await rig.Ladder.AdvanceAsync();
        Assert.False(refused.Moved);
        Assert.Contains("have not ended", Assert.Single(refused.Missing).Message, StringComparison.Ordinal);

        // The phase stays, in the epoch that the raised fence lets through.
        rig.Old.Mend();
        await rig.Repository.UpsertAsync("k", "1");
        Assert.Equal(new RowVersion(2, 1), (await rig.Old.ReadAsync("k")).Version);
        release();
        await read;
        Assert.True((await rig.Ladder.AdvanceAsync()).Moved);
        await new Backfill<string, string>(rig.Repository).RunAsync();
    }

    [Fact]
    public async Task T7_AckedInBButNotMirrored_NoWayToTheReadersOfTheNewStore()
    {
        await using var rig = new Rig();
        await rig.Ladder.AdvanceAsync();
        await new Backfill<string, string>(rig.Repository).RunAsync();
        await rig.Repository.UpsertAsync("k", "1");
        Assert.Equal("1|-", await rig.BothAsync("k"));

        var refused = await rig.Ladder.AdvanceAsync();
        Assert.False(refused.Moved);
        Assert.Contains("still holds 1", Assert.Single(refused.Missing).Message, StringComparison.Ordinal);
        await rig.Repository.Repair.DrainAsync();
        Assert.True((await rig.Ladder.AdvanceAsync()).Moved);
    }

    [Fact]
    public async Task T7_AckedInC_IsInBothStores()
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(MigrationPhase.DualWriteBoth);
        var (arrived, release) = rig.New.HoldNext(Apply);
        var write = rig.Repository.UpsertAsync("k", "1").AsTask();
        await arrived;
        Assert.False(write.IsCompleted);
        release();
        await write;

        Assert.Equal("1|1", await rig.BothAsync("k"));
    }

    [Fact]
    public async Task T7b_ReaderInQSawIt_ThenNoReaderOfTheNewStoreSeesLess()
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(MigrationPhase.HelpingReads);
        var (arrived, release) = rig.New.HoldNext(Apply);
        var write = rig.Repository.UpsertAsync("k", "1").AsTask();
        await arrived;
        Assert.Equal("1|-", await rig.BothAsync("k"));

        Assert.Equal("1", (await rig.Repository.GetAsync("k")).Value);
        Assert.Equal("1", (await rig.New.Inner.ReadAsync("k")).Value);
        release();
        await write;
    }

    [Fact]
    public async Task T7b_ScanAndGetManyInQ_HelpToo()
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(MigrationPhase.HelpingReads);
        foreach (var key in (string[])["a", "b"])
        {
            await rig.Old.WriteAsync(new(key, "1", rig.Ladder.State.Epoch) { Outbox = true });
        }

        await rig.Repository.GetManyAsync(["a", "nobody"]);
        Assert.Equal("1|1", await rig.BothAsync("a"));
        Assert.Equal("1|-", await rig.BothAsync("b"));
        await rig.Repository.ScanAsync(new ScanRequest<string>());
        Assert.Equal("1|1", await rig.BothAsync("b"));
    }

    [Fact]
    public async Task T8_SecondProcessStillInD_ItsWriteIsFencedAndRedoneInE()
    {
        await using var rig = new Rig();
        await rig.Repository.UpsertAsync("k", "0");
        await rig.WalkToAsync(MigrationPhase.ReadNew);
        var straggler = rig.NewProcess(rig.Journal);
        await straggler.Ladder.LoadAsync();
        var epoch = rig.Ladder.State.Epoch;
        Assert.True((await rig.Ladder.AdvanceAsync()).Moved);
        await rig.Repository.UpsertAsync("k", "1");
        Assert.Equal(MigrationPhase.ReadNew, straggler.Ladder.Phase);

        var version = await straggler.UpsertAsync("k", "2");

        Assert.Equal(MigrationPhase.NewSequencer, straggler.Ladder.Phase);
        Assert.Equal(new RowVersion(epoch + 1, 3), version);
        Assert.Equal("2|2", await rig.BothAsync("k"));
    }

    [Fact]
    public async Task T8_WriteBegunInD_LandsAfterTheFence_OneSequencerOnly()
    {
        await using var rig = new Rig(o => o.MoveTimeout = TimeSpan.FromMinutes(1));
        await rig.WalkToAsync(MigrationPhase.ReadNew);
        var (arrived, release) = rig.Old.HoldNext(Write);
        var late = rig.Repository.UpsertAsync("k", "late").AsTask();
        await arrived;
        var move = rig.Ladder.AdvanceAsync();
        await TestKit.Eventually.HoldsAsync(async () => await rig.Old.Inner.FenceAsync(0) == 3, "the fence stands");
        release();
        await late;
        Assert.True((await move).Moved);

        Assert.Equal("late|late", await rig.BothAsync("k"));
        Assert.Equal(new RowVersion(3, 1), (await rig.New.ReadAsync("k")).Version);
    }

    [Fact]
    public async Task T8_UnackedWriteLeftInTheOutbox_TheNextSequencerHasItBeforeItBegins()
    {
        await using var rig = new Rig(o => o.MirrorTimeout = TimeSpan.FromMilliseconds(20));
        await rig.WalkToAsync(MigrationPhase.ReadNew);
        rig.New.Break(Apply);
        await Assert.ThrowsAsync<MirrorUnavailableException>(async () => await rig.Repository.UpsertAsync("k", "owed"));
        Assert.Equal("owed|-", await rig.BothAsync("k"));

        var refused = await rig.Ladder.AdvanceAsync();
        Assert.False(refused.Moved);
        rig.New.Mend();
        await rig.Repository.Repair.DrainAsync();
        Assert.True((await rig.Ladder.AdvanceAsync()).Moved);
        Assert.Equal("owed", (await rig.Repository.GetAsync("k")).Value);
    }

    [Fact]
    public async Task T12_JournalLost_TheFenceKeepsTheStaleStoreFromServing()
    {
        await using var rig = new Rig();
        await rig.Repository.UpsertAsync("k", "1");
        await rig.WalkToAsync(MigrationPhase.NewOnly);
        await rig.Repository.UpsertAsync("k", "2");

        var amnesiac = rig.NewProcess(new InMemoryJournal());
        Assert.Contains("journal", (await Assert.ThrowsAsync<StoreFencedException>(async () => await amnesiac.GetAsync("k"))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreFencedException>(async () => await amnesiac.UpsertAsync("k", "3"));
        Assert.Equal("1|2", await rig.BothAsync("k"));
    }

    [Fact]
    public async Task T12_BackToAAndForthAgain_TheOldBackfillCountsForNothing()
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(MigrationPhase.DualWriteBoth);
        await rig.WalkToAsync(MigrationPhase.OldOnly);
        await rig.Repository.UpsertAsync("k", "written while the mirror slept");
        Assert.True((await rig.Ladder.AdvanceAsync()).Moved);

        Assert.Contains("backfill", (await rig.Ladder.AdvanceAsync()).Missing[0].Message, StringComparison.OrdinalIgnoreCase);

        // By itself: in a walk the verification would mend what a backfill from the old checkpoint has left out.
        Assert.False((await new Backfill<string, string>(rig.Repository).RunAsync()).Resumed);
        Assert.Equal("written while the mirror slept|written while the mirror slept", await rig.BothAsync("k"));
        await rig.WalkToAsync(MigrationPhase.NewOnly);
        Assert.Equal("written while the mirror slept", (await rig.Repository.GetAsync("k")).Value);
    }
}
