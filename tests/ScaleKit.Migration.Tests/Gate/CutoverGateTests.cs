using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

public sealed class CutoverGateTests
{
    [Fact]
    public async Task AdvanceAsync_EvidenceMissing_EachConditionWithMeasuredAndRequired()
    {
        await using var rig = new Rig(o =>
        {
            o.Gate.MinimumVerifiedRows = 10;
            o.Gate.DebtFreeFor = TimeSpan.FromHours(1);
            o.Gate.MaximumShadowMismatchRate = 0.001;
        });
        await rig.Repository.UpsertAsync("k", "1");
        await rig.WalkToAsync(MigrationPhase.HelpingReads);

        var refused = await rig.Ladder.AdvanceAsync();

        Assert.False(refused.Moved);
        Assert.Equal([GateCondition.Verified, GateCondition.DebtFree, GateCondition.ShadowReads], refused.Missing.Select(m => m.Condition));
        Assert.All(refused.Missing, m => Assert.True(m is { IsOverridable: true, Measured.Length: > 0, Required.Length: > 0 } && m.ToString() == m.Message));
        Assert.Contains("10", refused.Missing[0].Required, StringComparison.Ordinal);
        Assert.Equal(MigrationPhase.HelpingReads, rig.Ladder.Phase);
        Assert.True((await rig.Ladder.BackAsync()).Moved);
    }

    [Fact]
    public async Task OverrideAsync_EvidenceMissing_MovesAndTheAuditLogKeepsWhoAndWhy()
    {
        await using var rig = new Rig(o => o.Gate.MinimumVerifiedRows = 10);
        await rig.WalkToAsync(MigrationPhase.HelpingReads);

        Assert.True((await rig.Ladder.OverrideAsync(MigrationPhase.ReadNew, new("Ada", "the table has nine rows"))).Moved);

        var audit = await rig.Ladder.GetAuditAsync();
        Assert.Equal([MigrationPhase.DualWrite, MigrationPhase.DualWriteBoth, MigrationPhase.HelpingReads, MigrationPhase.ReadNew], audit.Select(r => r.To));
        Assert.Equal([1, 2, 3, 4], audit.Select(r => r.Number));
        Assert.All(audit.Take(3), r => Assert.Null(r.OverriddenBy));
        Assert.Equal(("Ada", "the table has nine rows", rig.Options.InstanceName), (audit[3].OverriddenBy, audit[3].Reason, audit[3].Instance));
        Assert.Equal(GateCondition.Verified, Assert.Single(audit[3].Overridden).Condition);
        Assert.True(audit[3].Evidence.BackfillComplete);
        Assert.Equal(audit[3].Reason, Assert.Single(await rig.NewProcess(rig.Journal).Ladder.GetAuditAsync(after: 3)).Reason);
    }

    [Fact]
    public async Task OverrideAsync_WhatTheProtocolNeeds_StaysRefused()
    {
        await using var rig = new Rig();
        await rig.Ladder.AdvanceAsync();

        var refused = await rig.Ladder.OverrideAsync(MigrationPhase.DualWriteBoth, new("Ada", "I am in a hurry"));

        Assert.Equal(GateCondition.BackfillComplete, Assert.Single(refused.Missing).Condition);
        Assert.False(refused.Missing[0].IsOverridable);
        Assert.Throws<ArgumentException>(() => new GateOverride("Ada", " "));
        Assert.Throws<ArgumentException>(() => new GateOverride("Ada", new string('x', 1001)));
    }

    [Fact]
    public async Task AdvanceAsync_ReversePathAskedFor_OnlyAfterItWasWalked()
    {
        await using var rig = new Rig(o => o.Gate.RequireReversePath = true);
        await rig.WalkToAsync(MigrationPhase.ReadNew);
        Assert.Equal(GateCondition.ReversePath, Assert.Single((await rig.Ladder.AdvanceAsync()).Missing).Condition);

        Assert.True((await rig.Ladder.BackAsync()).Moved);
        Assert.True((await rig.Ladder.AdvanceAsync()).Moved);
        Assert.True((await rig.Ladder.AdvanceAsync()).Moved);
        Assert.Equal(MigrationPhase.NewSequencer, rig.Ladder.Phase);
        Assert.Equal(GateCondition.ReversePath, Assert.Single((await rig.Ladder.AdvanceAsync()).Missing).Condition);
    }

    [Fact]
    public async Task AdvanceAsync_DebtFreeLongEnough_Moves()
    {
        var clock = new ManualTimeProvider();
        await using var rig = new Rig(o => o.Gate.DebtFreeFor = TimeSpan.FromMinutes(10));
        var repository = rig.NewProcess(rig.Journal, clock);
        await new MigrationRunner<string, string>(repository).RunAsync(MigrationPhase.HelpingReads);
        Assert.Equal(GateCondition.DebtFree, Assert.Single((await repository.Ladder.AdvanceAsync()).Missing).Condition);

        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.True((await repository.Ladder.AdvanceAsync()).Moved);
    }

    [Fact]
    public async Task AdvanceAsync_OldestDebtTooOld_RefusedUntilItIsPaid()
    {
        var clock = new ManualTimeProvider();
        await using var rig = new Rig(o =>
        {
            o.Gate.MaximumLag = TimeSpan.FromMinutes(1);
            o.RepairInBackground = true;
        });
        var repository = rig.NewProcess(rig.Journal, clock);
        var ladder = repository.Ladder;
        await new MigrationRunner<string, string>(repository).RunAsync(MigrationPhase.NewSequencer);

        // Down altogether: a store that answers reads and refuses a row would make a dead letter of it.
        rig.Old.Break(SteeredStore.Call.Apply, SteeredStore.Call.Read);
        await Assert.ThrowsAsync<MirrorUnavailableException>(async () => await repository.UpsertAsync("k", "1"));

        // E to F is the one cutover that an unpaid outbox does not refuse by itself.
        await LagAsync(static lag => lag > TimeSpan.FromMinutes(1), "the debt grows old");
        var unmet = Assert.Single((await ladder.AdvanceAsync()).Missing);
        Assert.Equal((GateCondition.Lag, true), (unmet.Condition, unmet.IsOverridable));
        rig.Old.Mend();
        await LagAsync(static lag => lag == TimeSpan.Zero, "the debt is paid");
        Assert.True((await ladder.AdvanceAsync()).Moved);

        Task LagAsync(Func<TimeSpan, bool> condition, string what) => Eventually.HoldsAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return condition(ladder.Evidence.Take(ladder.State, 0.95).Lag);
            },
            what);
    }

    [Theory]
    [InlineData(0.0, false)]
    [InlineData(0.009, false)]
    [InlineData(0.01, true)]
    public async Task AdvanceAsync_OneRowOfAHundredDiffers_MovesOnlyWhereThatShareIsAllowed(double allowed, bool moves)
    {
        await using var rig = new Rig(o => o.Gate.MaximumMismatchRate = allowed);
        for (var i = 0; i < 100; i++)
        {
            await rig.Repository.UpsertAsync($"k{i}", "1");
        }

        await rig.WalkToAsync(MigrationPhase.HelpingReads);
        await rig.New.Inner.ApplyIfNewerAsync(new("k7", VersionedValue.Live("other", new(9, 9))));
        Assert.Equal(1, (await new Verification<string, string>(rig.Repository).RunAsync()).Differences);

        var move = await rig.Ladder.AdvanceAsync();
        Assert.Equal(moves, move.Moved);
        Assert.Equal(moves ? [] : [GateCondition.Verified], move.Missing.Select(static m => m.Condition));
    }

    [Fact]
    public async Task ShareReadsAsync_InQ_MonotoneShareIsReadInTheNewStore()
    {
        await using var rig = new Rig();
        for (var i = 0; i < 200; i++)
        {
            await rig.Repository.UpsertAsync($"k{i}", "old");
        }

        Assert.Equal(GateCondition.Neighbour, Assert.Single((await rig.Ladder.ShareReadsAsync(10)).Missing).Condition);
        await rig.WalkToAsync(MigrationPhase.HelpingReads);
        var before = new HashSet<string>(StringComparer.Ordinal);
        foreach (var percent in (double[])[1, 10, 50, 100])
        {
            Assert.True((await rig.Ladder.ShareReadsAsync(percent)).Moved);
            var ahead = await ReadInTheNewStoreAsync(rig);
            Assert.Superset(before, ahead);
            Assert.InRange(ahead.Count, (percent * 2) - 20, (percent * 2) + 20);
            before = ahead;
        }

        Assert.Contains("share to 0", Assert.Single((await rig.Ladder.BackAsync()).Missing).Message, StringComparison.Ordinal);
        Assert.True((await rig.Ladder.ShareReadsAsync(0)).Moved);
        Assert.Empty(await ReadInTheNewStoreAsync(rig));
        Assert.True((await rig.Ladder.BackAsync()).Moved);
    }

    // In Q a read that helps asks both stores; one that stands in D already asks the new one only.
    private static async Task<HashSet<string>> ReadInTheNewStoreAsync(Rig rig)
    {
        var ahead = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 200; i++)
        {
            var askedOld = false;
            rig.Old.Before = call =>
            {
                askedOld |= call == SteeredStore.Call.Read;
                return Task.CompletedTask;
            };
            await rig.Repository.GetAsync($"k{i}");
            if (!askedOld)
            {
                ahead.Add($"k{i}");
            }
        }

        rig.Old.Mend();
        return ahead;
    }
}
