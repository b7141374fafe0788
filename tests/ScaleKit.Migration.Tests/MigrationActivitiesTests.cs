using System.Diagnostics;
using ScaleKit.Sharding;
using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

public sealed class MigrationActivitiesTests
{
    [Fact]
    public async Task Move_DoneAndRefused_NamesBothPhasesAndWhetherItMoved()
    {
        await using var rig = new Rig();
        using var recorded = new RecordedActivities(MigrationDiagnostics.ActivitySourceName);

        Assert.True((await rig.Ladder.AdvanceAsync()).Moved);
        Assert.False((await rig.Ladder.MoveToAsync(MigrationPhase.NewOnly)).Moved);

        Assert.Equal(["A B True", "B F False"], recorded.Named(MigrationDiagnostics.MoveActivity).Select(Tags));
        Assert.All(recorded.Ended, activity => Assert.Equal((ActivityStatusCode.Unset, recorded.Test.SpanId), (activity.Status, activity.ParentSpanId)));
    }

    [Fact]
    public async Task Move_StoreFails_IsAnErrorOfItsType()
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(MigrationPhase.ReadNew);
        rig.Old.Break(SteeredStore.Call.Fence);
        using var recorded = new RecordedActivities(MigrationDiagnostics.ActivitySourceName);

        await Assert.ThrowsAsync<IOException>(() => rig.Ladder.AdvanceAsync());

        var move = Assert.Single(recorded.Named(MigrationDiagnostics.MoveActivity));
        Assert.Equal(ActivityStatusCode.Error, move.Status);
        Assert.Equal("System.IO.IOException", move.GetTagItem(MigrationDiagnostics.ErrorTag));
    }

    [Fact]
    public async Task Backfill_PageThatFailsOnce_IsAnErrorAndThenItsRows()
    {
        await using var rig = new Rig();
        await rig.Repository.UpsertAsync("a", "1");
        await rig.Repository.UpsertAsync("b", "2");
        await rig.Ladder.AdvanceAsync();
        var attempts = 0;
        rig.New.Before = call => call == SteeredStore.Call.Apply && attempts++ == 0 ? Task.FromException(new IOException("down")) : Task.CompletedTask;
        using var recorded = new RecordedActivities(MigrationDiagnostics.ActivitySourceName);

        await new Backfill<string, string>(rig.Repository).RunAsync();

        var pages = recorded.Named(MigrationDiagnostics.BackfillPageActivity);
        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Unset], pages.Select(static page => page.Status));
        Assert.Equal(["System.IO.IOException", "2"], pages.Select(Tags));
    }

    [Fact]
    public async Task RepairAndVerification_Rows_AreCountedAndNothingIsToldWithoutADebt()
    {
        await using var rig = await InDebtAsync();
        using var recorded = new RecordedActivities(MigrationDiagnostics.ActivitySourceName);

        await rig.Repository.Repair.StepAsync();
        await rig.Repository.Repair.StepAsync();
        await new Verification<string, string>(rig.Repository).RunAsync();

        Assert.Equal(
            [$"{MigrationDiagnostics.RepairBatchActivity} 1", $"{MigrationDiagnostics.VerificationChunkActivity} 1"],
            recorded.Ended.Select(static activity => $"{activity.OperationName} {Tags(activity)}"));
    }

    [Fact]
    public async Task Repair_MirrorIsDown_IsAnError()
    {
        await using var rig = await InDebtAsync();
        rig.New.Break(SteeredStore.Call.Apply, SteeredStore.Call.Read);
        using var recorded = new RecordedActivities(MigrationDiagnostics.ActivitySourceName);

        await Assert.ThrowsAsync<MirrorUnavailableException>(() => rig.Repository.Repair.StepAsync().AsTask());

        var batch = Assert.Single(recorded.Ended);
        Assert.Equal((MigrationDiagnostics.RepairBatchActivity, ActivityStatusCode.Error), (batch.OperationName, batch.Status));
        Assert.Equal("ScaleKit.Migration.MirrorUnavailableException", batch.GetTagItem(MigrationDiagnostics.ErrorTag));
    }

    [Fact]
    public async Task Verification_StoreFails_IsAnErrorOfItsType()
    {
        await using var rig = await InDebtAsync();
        rig.Old.Break(SteeredStore.Call.Scan, SteeredStore.Call.Read);
        using var recorded = new RecordedActivities(MigrationDiagnostics.ActivitySourceName);

        await Assert.ThrowsAsync<IOException>(() => new Verification<string, string>(rig.Repository).RunAsync());

        var chunk = Assert.Single(recorded.Ended);
        Assert.Equal((MigrationDiagnostics.VerificationChunkActivity, ActivityStatusCode.Error), (chunk.OperationName, chunk.Status));
        Assert.Equal("System.IO.IOException", chunk.GetTagItem(MigrationDiagnostics.ErrorTag));
    }

    [Fact]
    public async Task BackgroundRepair_RepositoryMadeWithinATrace_IsNoPartOfIt()
    {
        using var recorded = new RecordedActivities(MigrationDiagnostics.ActivitySourceName, roots: true);
        await using var rig = new Rig(static o => o.RepairInBackground = true);
        await rig.Ladder.AdvanceAsync();
        await rig.Repository.UpsertAsync("a", "1");

        await Eventually.HoldsAsync(() => recorded.Named(MigrationDiagnostics.RepairBatchActivity).Count > 0, "the debt is paid");

        Assert.All(recorded.Named(MigrationDiagnostics.RepairBatchActivity), static batch => Assert.Equal(default, batch.ParentSpanId));
    }

    [Fact]
    public async Task Resharding_EachWave_HasItsNumberAndHoldsItsMoves()
    {
        var shards = Enumerable.Range(0, 3).Select(i => new Shard<IVersionedStore<string, string>>($"shard{i}", new InMemoryStore<string, string>($"shard{i}"))).ToList();
        var plan = PlanOf(shards);
        await using var resharding = new Resharding<string, string>(plan, ShardRouting.Before('/'), new InMemoryJournal());
        using var recorded = new RecordedActivities(MigrationDiagnostics.ActivitySourceName);

        Assert.True((await resharding.RunAsync()).Completed);

        var waves = recorded.Named(MigrationDiagnostics.ReshardWaveActivity);
        Assert.Equal(Enumerable.Range(1, plan.Waves.Count).Select(static wave => $"{wave}"), waves.Select(Tags));
        Assert.All(waves, wave => Assert.Equal(6, recorded.Named(MigrationDiagnostics.MoveActivity).Count(move => move.ParentSpanId == wave.SpanId)));
    }

    [Fact]
    public async Task Resharding_WaveThatStopsOrFails_IsAnErrorAndNamesWhatItFailedWith()
    {
        var stores = Enumerable.Range(0, 3).Select(static i => new SteeredStore(new InMemoryStore<string, string>($"shard{i}"), $"shard{i}")).ToArray();
        var shards = stores.Select(static store => new Shard<IVersionedStore<string, string>>(store.Name, store)).ToList();
        var plan = PlanOf(shards);
        var options = new MigrationOptions { LeaseDuration = TimeSpan.Zero, RepairInBackground = false };
        await using var resharding = new Resharding<string, string>(plan, ShardRouting.Before('/'), new InMemoryJournal(), options);
        await resharding.StartAsync();
        using var recorded = new RecordedActivities(MigrationDiagnostics.ActivitySourceName);

        resharding.Repository.Ladder.IsEnabled = false;
        Assert.False((await resharding.RunAsync()).Completed);
        resharding.Repository.Ladder.IsEnabled = true;
        Array.ForEach(stores, static store => store.Break(SteeredStore.Call.Fence));
        await Assert.ThrowsAsync<IOException>(() => resharding.RunAsync());

        var waves = recorded.Named(MigrationDiagnostics.ReshardWaveActivity);
        Assert.All(waves, static wave => Assert.Equal(ActivityStatusCode.Error, wave.Status));
        Assert.Equal(["1", "1 System.IO.IOException"], waves.Select(Tags));
    }

    /// <summary>On rung B, with one row that the mirror does not have.</summary>
    private static async Task<Rig> InDebtAsync()
    {
        var rig = new Rig();
        await rig.Ladder.AdvanceAsync();
        await rig.Repository.UpsertAsync("a", "1");
        return rig;
    }

    /// <summary>From all shards but the last to all, in several waves.</summary>
    private static ReshardPlan<IVersionedStore<string, string>> PlanOf(List<Shard<IVersionedStore<string, string>>> shards) =>
        Topology.Plan(SlotTopology.Create(shards.SkipLast(1)), shards, new PlanOptions { Rows = 1000, BytesPerRow = 100, WaveBytes = 20_000 });

    private static string Tags(Activity activity) => string.Join(' ', activity.TagObjects.Select(static tag => tag.Value));
}
