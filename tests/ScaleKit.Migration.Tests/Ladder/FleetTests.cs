using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

/// <summary>Several instances with leases. A stopped clock makes a process that sleeps: it renews nothing and believes in its lease until the clock is moved.</summary>
public sealed class FleetTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task AdvanceAsync_OtherInstanceHoldsALease_MoveEndsWhenItHasFollowed()
    {
        await using var rig = Fleet(TimeSpan.FromSeconds(2));
        var other = rig.NewProcess(rig.Journal);
        await other.UpsertAsync("k", "1");
        foreach (var phase in (MigrationPhase[])[MigrationPhase.DualWrite, MigrationPhase.DualWriteBoth, MigrationPhase.HelpingReads, MigrationPhase.ReadNew, MigrationPhase.NewSequencer])
        {
            await rig.WalkToAsync(phase);
            await Eventually.HoldsAsync(() => other.Ladder.Phase == phase, "the other instance follows");
        }

        await other.UpsertAsync("k", "2");
        Assert.Equal("2|2", await rig.BothAsync("k"));
        Assert.Equal(3, rig.Ladder.State.Epoch);
    }

    [Fact]
    public async Task AdvanceAsync_OtherInstanceHasAnOperationOfThePhaseBefore_SecondMoveRefusedUntilItEnds()
    {
        await using var rig = Fleet(TimeSpan.FromSeconds(2));
        var other = rig.NewProcess(rig.Journal);
        await rig.WalkToAsync(MigrationPhase.DualWriteBoth);
        await Eventually.HoldsAsync(() => other.Ladder.Phase == MigrationPhase.OldOnly, "nothing has been done there yet");
        var (arrived, release) = rig.Old.HoldNext(SteeredStore.Call.Read);
        var read = other.GetAsync("k").AsTask();
        await arrived;
        rig.Options.MoveTimeout = TimeSpan.FromMilliseconds(300);
        var mover = rig.NewProcess(rig.Journal);

        var first = await mover.Ladder.AdvanceAsync();
        var second = await mover.Ladder.AdvanceAsync();

        Assert.True(first.Moved);
        Assert.False(first.Settled);
        var unmet = Assert.Single(second.Missing);
        Assert.Equal(GateCondition.FleetAcknowledged, unmet.Condition);
        Assert.False(unmet.IsOverridable);
        Assert.Contains(rig.Options.InstanceName, unmet.Message, StringComparison.Ordinal);
        release();
        await read;
        await rig.WalkToAsync(MigrationPhase.ReadNew);
    }

    [Fact]
    public async Task AdvanceAsync_InstanceWasKilled_PassedAfterItsLeaseBehindAFence()
    {
        await using var rig = Fleet(TimeSpan.FromMilliseconds(400));
        await rig.WalkToAsync(MigrationPhase.DualWriteBoth);
        var killed = rig.NewProcess(rig.Journal);
        await killed.GetAsync("k");
        killed.Ladder.Dispose();
        var epoch = rig.Ladder.State.Epoch;

        Assert.True((await rig.Ladder.AdvanceAsync()).Moved);
        await rig.WalkToAsync(MigrationPhase.ReadNew);

        Assert.Equal(epoch + 1, rig.Ladder.State.Epoch);
        Assert.Equal(epoch + 1, await rig.Old.Inner.FenceAsync(0));
    }

    [Fact]
    public async Task DisposeAsync_LeaseGivenBack_NobodyWaitsAndNoFenceIsNeeded()
    {
        await using var rig = Fleet(TimeSpan.FromHours(1));
        await rig.WalkToAsync(MigrationPhase.DualWriteBoth);
        var leaver = rig.NewProcess(rig.Journal);
        await leaver.GetAsync("k");
        await leaver.Ladder.DisposeAsync();
        var epoch = rig.Ladder.State.Epoch;

        Assert.True((await rig.Ladder.AdvanceAsync()).Settled);
        Assert.Equal(epoch, rig.Ladder.State.Epoch);
        Assert.Single(await rig.Journal.GetLeasesAsync("fleet:old>new"));
    }

    [Fact]
    public async Task GetAsync_AsleepDuringThreeMoves_WhatItReadIsReadAgain()
    {
        await using var rig = Fleet(TimeSpan.FromMilliseconds(400));
        await rig.Repository.UpsertAsync("k", "1");
        await rig.WalkToAsync(MigrationPhase.ReadNew);
        var clock = new ManualTimeProvider();
        var sleeper = rig.NewProcess(rig.Journal, clock);
        await sleeper.GetAsync("k");
        var (arrived, release) = rig.New.HoldNext(SteeredStore.Call.Read, afterEffect: true);
        var read = sleeper.GetAsync("k").AsTask();
        await arrived;

        // r@D has read the new store; then D -> Q -> C -> B, and in B a write is acknowledged after the old store.
        await rig.WalkToAsync(MigrationPhase.DualWrite);
        await rig.Repository.UpsertAsync("k", "2");
        Assert.Equal("2|1", await rig.BothAsync("k"));
        clock.Advance(rig.Options.LeaseDuration);
        release();

        Assert.Equal("2", (await read).Value);
    }

    [Fact]
    public async Task UpsertAsync_AsleepDuringThreeMoves_RefusedByTheFenceAndRedone()
    {
        await using var rig = Fleet(TimeSpan.FromMilliseconds(400));
        await rig.WalkToAsync(MigrationPhase.DualWrite);

        // This clock stands still: the fence must do without it.
        var sleeper = rig.NewProcess(rig.Journal, new ManualTimeProvider());
        await sleeper.GetAsync("k");
        var (arrived, release) = rig.Old.HoldNext(SteeredStore.Call.Write);
        var write = sleeper.UpsertAsync("k", "1").AsTask();
        await arrived;
        await rig.WalkToAsync(MigrationPhase.ReadNew);
        Assert.Equal("-|-", await rig.BothAsync("k"));
        release();
        await write;

        Assert.Equal("1", (await rig.Repository.GetAsync("k")).Value);
        Assert.Equal("1|1", await rig.BothAsync("k"));
        Assert.Equal(MigrationPhase.ReadNew, sleeper.Ladder.Phase);
    }

    [Fact]
    public async Task RunAsync_OtherInstanceStillInA_BackfillRefusesToBegin()
    {
        await using var rig = Fleet(TimeSpan.FromHours(1), moveTimeout: TimeSpan.FromMilliseconds(300));

        // Its clock stands still, so it never looks at the journal.
        var other = rig.NewProcess(rig.Journal, new ManualTimeProvider());
        await other.GetAsync("k");
        var move = await rig.Ladder.AdvanceAsync();
        Assert.True(move.Moved);
        Assert.False(move.Settled);

        await Assert.ThrowsAsync<MigrationStateException>(() => new Backfill<string, string>(rig.Repository).RunAsync());
        await other.Ladder.BeatAsync(CancellationToken.None);
        await new Backfill<string, string>(rig.Repository).RunAsync();
    }

    [Fact]
    public async Task GetAsync_JournalOutOfReach_FencesItselfAndComesBack()
    {
        await using var rig = Fleet(TimeSpan.FromHours(1));
        var (journal, clock) = (new SteeredJournal(rig.Journal), new ManualTimeProvider());
        var cut = rig.NewProcess(journal, clock);
        await cut.UpsertAsync("k", "1");
        Assert.True((await cut.Ladder.CheckReadinessAsync()).IsReady);
        journal.IsDown = true;
        Assert.Equal("1", (await cut.GetAsync("k")).Value);

        clock.Advance(rig.Options.LeaseDuration * 0.8);
        await Assert.ThrowsAsync<IOException>(async () => await cut.GetAsync("k"));
        var readiness = await cut.Ladder.CheckReadinessAsync();
        Assert.False(readiness.IsReady);
        Assert.NotNull(readiness.Reason);

        journal.IsDown = false;
        Assert.Equal("1", (await cut.GetAsync("k")).Value);
        Assert.True((await cut.Ladder.CheckReadinessAsync()).IsReady);
    }

    [Fact]
    public async Task CheckReadinessAsync_TwoRungsFromTheJournal_RedUntilItFollows()
    {
        await using var rig = new Rig();
        var other = rig.NewProcess(rig.Journal);
        await other.GetAsync("k");

        await rig.WalkToAsync(MigrationPhase.DualWrite);
        Assert.True((await other.Ladder.CheckReadinessAsync()).IsReady);
        await rig.WalkToAsync(MigrationPhase.DualWriteBoth);
        var red = await other.Ladder.CheckReadinessAsync();
        Assert.Equal((false, MigrationPhase.OldOnly), (red.IsReady, red.Phase));
        Assert.Contains("A (OldOnly)", red.Reason, StringComparison.Ordinal);

        // The fence refuses its next write, so it reads the journal.
        await other.UpsertAsync("k", "1");
        Assert.Equal(new MigrationReadiness(true, MigrationPhase.DualWriteBoth, rig.Ladder.State.Epoch, null), await other.Ladder.CheckReadinessAsync());
    }

    [Fact]
    public async Task LoadAsync_MoverIsAliveInTheMiddleOfAMove_OthersWaitForItAndDoNotTakeItBack()
    {
        await using var rig = Fleet(TimeSpan.FromSeconds(2));
        await rig.WalkToAsync(MigrationPhase.ReadNew);
        var other = rig.NewProcess(rig.Journal);
        await other.GetAsync("k");
        var (arrived, release) = rig.Old.HoldNext(SteeredStore.Call.Fence, afterEffect: true);
        var move = rig.Ladder.AdvanceAsync();
        await arrived;
        var write = other.UpsertAsync("k", "1").AsTask();
        await Eventually.HoldsAsync(() => !other.Ladder.Current.AcceptsWrites, "the other instance waits for the move");
        Assert.False(write.IsCompleted);
        release();

        Assert.True((await move).Moved);
        await write;
        Assert.Equal("1|1", await rig.BothAsync("k"));
        Assert.Equal(MigrationPhase.NewSequencer, other.Ladder.Phase);
    }

    private static Rig Fleet(TimeSpan lease, TimeSpan? moveTimeout = null) => new(o =>
    {
        o.LeaseDuration = lease;
        o.MoveTimeout = moveTimeout ?? Generous;
    });
}
