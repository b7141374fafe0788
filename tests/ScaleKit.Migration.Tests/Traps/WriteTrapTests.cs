namespace ScaleKit.Migration.Tests;

/// <summary>
/// The interleavings in which hand-written dual writes lose data, each forced step by step. "w1:O" reads: writer 1's call on the old store; N is the new store,
/// bf the backfill, r the repair.
/// </summary>
public sealed class WriteTrapTests
{
    private const SteeredStore.Call Apply = SteeredStore.Call.Apply;

    [Fact]
    public async Task T1_TwoWriters_W1oW2oW2nW1n_StoresAgreeOnTheSequencersOrder()
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(MigrationPhase.DualWriteBoth);
        var (arrived, release) = rig.New.HoldNext(Apply);
        var first = rig.Repository.UpsertAsync("k", "1").AsTask();
        await arrived;
        await rig.Repository.UpsertAsync("k", "2");
        release();
        await first;

        Assert.Equal("2|2", await rig.BothAsync("k"));
    }

    [Fact]
    public async Task T2_Backfill_BfReadsOldThenWriterThenBfWrites_NewerRowStays()
    {
        await using var rig = new Rig();
        await rig.Repository.UpsertAsync("k", "0");
        await rig.Ladder.AdvanceAsync();
        var (arrived, release) = rig.New.HoldNext(Apply);
        var backfill = new Backfill<string, string>(rig.Repository).RunAsync();
        await arrived;
        await rig.Repository.UpsertAsync("k", "1");
        await rig.Repository.Repair.DrainAsync();
        Assert.Equal("1|1", await rig.BothAsync("k"));
        release();
        await backfill;

        Assert.Equal("1|1", await rig.BothAsync("k"));
    }

    [Fact]
    public async Task T3_Backfill_BfReadsOldThenDeleteThenBfWrites_NotResurrected()
    {
        await using var rig = new Rig();
        await rig.Repository.UpsertAsync("k", "0");
        await rig.Ladder.AdvanceAsync();
        var (arrived, release) = rig.New.HoldNext(Apply);
        var backfill = new Backfill<string, string>(rig.Repository).RunAsync();
        await arrived;
        await rig.Repository.DeleteAsync("k");
        await rig.Repository.Repair.DrainAsync();
        release();
        await backfill;

        Assert.Equal("x|x", await rig.BothAsync("k"));
        Assert.False((await rig.Repository.GetAsync("k")).Exists);
    }

    [Fact]
    public async Task T3_DeletedBeforeBackfill_TombstoneIsCopiedToo()
    {
        await using var rig = new Rig();
        await rig.Repository.UpsertAsync("k", "0");
        await rig.Repository.DeleteAsync("k");
        await rig.Ladder.AdvanceAsync();
        await new Backfill<string, string>(rig.Repository).RunAsync();

        Assert.Equal("x|x", await rig.BothAsync("k"));
    }

    [Fact]
    public async Task T3b_InsertAfterDelete_VersionGoesOnSoTheMirrorTakesIt()
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(MigrationPhase.DualWriteBoth);
        await rig.Repository.UpsertAsync("k", "1");
        await rig.Repository.UpsertAsync("k", "2");
        await rig.Repository.DeleteAsync("k");
        await rig.Repository.UpsertAsync("k", "3");

        Assert.Equal("3|3", await rig.BothAsync("k"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task T4_CrashBetweenTheStores_TheOutboxBringsItAfterTheRestart(bool withEffect)
    {
        await using var rig = new Rig(o => o.MirrorTimeout = TimeSpan.FromMilliseconds(30));
        await rig.WalkToAsync(MigrationPhase.DualWriteBoth);
        var (arrived, _) = rig.New.HoldNext(Apply, withEffect);
        await Assert.ThrowsAsync<MirrorUnavailableException>(async () => await rig.Repository.UpsertAsync("k", "1"));
        await arrived;
        Assert.Equal(withEffect ? "1|1" : "1|-", await rig.BothAsync("k"));

        rig.Crash();
        await rig.Repository.Repair.DrainAsync();
        Assert.Equal("1|1", await rig.BothAsync("k"));
        Assert.Equal(0, (await rig.Old.GetOutboxStatusAsync()).Pending);
    }

    [Fact]
    public async Task T4_CrashInPhaseB_BeforeAnyRepair_NothingOwedIsForgotten()
    {
        await using var rig = new Rig();
        await rig.Ladder.AdvanceAsync();
        for (var i = 0; i < 1000; i++)
        {
            await rig.Repository.UpsertAsync($"k{i}", "1");
        }

        rig.Crash();
        Assert.Equal(1000, await rig.Repository.Repair.DrainAsync());
        Assert.Equal(await rig.Old.DigestAsync(default), await rig.New.DigestAsync(default));
    }

    [Fact]
    public async Task T6_RepairHoldsTheOldRow_NewerWriteIsMirrored_OldRowComesLate_NewerStays()
    {
        await using var rig = new Rig();
        await rig.Ladder.AdvanceAsync();
        await rig.Repository.UpsertAsync("k", "1");
        var (arrived, release) = rig.New.HoldNext(Apply);
        var slowRepair = rig.Repository.Repair.DrainAsync();
        await arrived;
        await rig.Repository.UpsertAsync("k", "2");
        await rig.NewProcess(rig.Journal).Repair.DrainAsync();
        release();
        await slowRepair;

        Assert.Equal("2|2", await rig.BothAsync("k"));
    }

    [Fact]
    public async Task T6_OldEntryPaidLate_BringsTheNewestRow()
    {
        await using var rig = new Rig(o => o.RepairBatchSize = 1);
        await rig.Ladder.AdvanceAsync();
        await rig.Repository.UpsertAsync("k", "1");
        await rig.Repository.UpsertAsync("k", "2");

        Assert.Equal(1, await rig.Repository.Repair.StepAsync());
        Assert.Equal("2|2", await rig.BothAsync("k"));
        Assert.Equal(1, (await rig.Old.GetOutboxStatusAsync()).Pending);
    }

    [Fact]
    public async Task T9_CountersAndIds_ComputedOnceAndTheResultMirrored()
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(MigrationPhase.ReadNew);
        var calls = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await rig.Repository.UpdateAsync("n", row =>
                {
                    Interlocked.Increment(ref calls);
                    return $"{int.Parse(row.Value ?? "0", null) + 1}";
                });
            }
        })));

        Assert.Equal("800|800", await rig.BothAsync("n"));
        Assert.True(calls >= 800);
        Assert.Equal((await rig.Old.ReadAsync("n")).Version, (await rig.New.ReadAsync("n")).Version);
    }

    [Fact]
    public async Task T9b_AnotherWritesBetweenReadAndWrite_IsReadAgainAndNotOverwritten()
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(MigrationPhase.DualWriteBoth);
        var seen = new List<string?>();
        Task? other = null;

        await rig.Repository.UpdateAsync("n", row =>
        {
            seen.Add(row.Value);
            other ??= rig.Repository.UpsertAsync("n", "41").AsTask();
            return $"{int.Parse(row.Value ?? "0", null) + 1}";
        });

        await other!;
        Assert.Equal([null, "41"], seen);
        Assert.Equal("42|42", await rig.BothAsync("n"));
    }
}
