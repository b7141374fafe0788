using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

public sealed class OutboxRepairTests
{
    [Fact]
    public async Task Background_PhaseB_MirrorFollowsByItself()
    {
        await using var rig = new Rig(o => o.RepairInBackground = true);
        await rig.Ladder.AdvanceAsync();
        await rig.Repository.UpsertAsync("a", "1");
        await rig.Repository.DeleteAsync("a");
        await rig.Repository.UpsertAsync("b", "1");

        await Eventually.HoldsAsync(async () => await rig.BothAsync("b") == "1|1", "the mirror follows");
        await Eventually.HoldsAsync(async () => (await rig.Old.GetOutboxStatusAsync()).Pending == 0, "the debt is paid");
        Assert.Equal("x|x", await rig.BothAsync("a"));
    }

    [Fact]
    public async Task Background_MirrorDownAndBack_DebtIsKeptThenPaid()
    {
        await using var rig = new Rig(o =>
        {
            o.RepairInBackground = true;
            o.RepairBackoffMaximum = TimeSpan.FromMilliseconds(20);
        });
        await rig.Ladder.AdvanceAsync();
        rig.New.Break(SteeredStore.Call.Apply);
        for (var i = 0; i < 300; i++)
        {
            await rig.Repository.UpsertAsync($"k{i}", "1");
        }

        Assert.Equal(300, (await rig.Old.GetOutboxStatusAsync()).Pending);
        rig.New.Mend();
        await Eventually.HoldsAsync(async () => (await rig.Old.GetOutboxStatusAsync()).Pending == 0, "the debt is paid");
        Assert.Equal(await rig.Old.DigestAsync(default), await rig.New.DigestAsync(default));
    }

    [Fact]
    public async Task Background_PhaseC_EntriesOfFinishedWritesAreRemoved()
    {
        await using var rig = new Rig(o => o.RepairInBackground = true);
        await rig.WalkToAsync(MigrationPhase.DualWriteBoth);
        await rig.Repository.UpsertAsync("a", "1");

        await Eventually.HoldsAsync(async () => (await rig.Old.GetOutboxStatusAsync()).Pending == 0, "the entry is removed");
    }

    [Fact]
    public async Task StepAsync_OneRowRefusedByTheMirror_OthersGetThrough()
    {
        await using var rig = new Rig();
        await rig.Ladder.AdvanceAsync();
        foreach (var key in (string[])["a", "poison", "z"])
        {
            await rig.Repository.UpsertAsync(key, "1");
        }

        var call = 0;
        rig.New.Before = kind => kind == SteeredStore.Call.Apply && ++call is 1 or 3 ? Task.FromException(new IOException("too large")) : Task.CompletedTask;
        await Assert.ThrowsAsync<MirrorUnavailableException>(async () => await rig.Repository.Repair.StepAsync());

        Assert.Equal("poison", Assert.Single(await rig.Old.PeekOutboxAsync(10)).Key);
        Assert.Equal(("1|1", "1|1"), (await rig.BothAsync("a"), await rig.BothAsync("z")));
    }

    [Theory]
    [InlineData(MigrationPhase.OldOnly)]
    [InlineData(MigrationPhase.NewOnly)]
    public async Task StepAsync_NoMirror_TouchesNothing(MigrationPhase phase)
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(phase);
        rig.Old.Break(Enum.GetValues<SteeredStore.Call>());
        rig.New.Break(Enum.GetValues<SteeredStore.Call>());

        Assert.Equal(0, await rig.Repository.Repair.StepAsync());
    }

    [Fact]
    public async Task StepAsync_AcknowledgeFails_PaidOnceMoreAndHarmless()
    {
        await using var rig = new Rig();
        await rig.Ladder.AdvanceAsync();
        await rig.Repository.UpsertAsync("k", "1");
        rig.Old.Break(SteeredStore.Call.Acknowledge);
        await Assert.ThrowsAsync<IOException>(async () => await rig.Repository.Repair.StepAsync());
        rig.Old.Mend();
        await rig.Repository.UpsertAsync("k", "2");
        await rig.Repository.Repair.DrainAsync();

        Assert.Equal("2|2", await rig.BothAsync("k"));
        Assert.Equal(0, (await rig.Old.GetOutboxStatusAsync()).Pending);
    }

    [Fact]
    public async Task StepAsync_MirrorRefusesOneRow_DeadLetterUntilItIsRetried()
    {
        await using var rig = new Rig(o => o.RepairAttempts = 3);
        await rig.Ladder.AdvanceAsync();
        var poisoned = true;
        rig.New.Before = call => call == SteeredStore.Call.Apply && poisoned ? Task.FromException(new FormatException("does not fit")) : Task.CompletedTask;
        await rig.Repository.UpsertAsync("poison", "1");
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            // As a batch, and then by itself.
            await Assert.ThrowsAsync<MirrorUnavailableException>(async () => await rig.Repository.Repair.StepAsync());
            Assert.Empty(rig.Repository.Repair.DeadLetters);
        }

        await Assert.ThrowsAsync<MirrorUnavailableException>(async () => await rig.Repository.Repair.StepAsync());
        Assert.Equal(("poison", 3, "does not fit"), (rig.Repository.Repair.DeadLetters[0].Key, rig.Repository.Repair.DeadLetters[0].Attempts, rig.Repository.Repair.DeadLetters[0].Reason));

        // Set aside: it costs no attempt any more, others are paid, and it stays owed.
        poisoned = false;
        await rig.Repository.UpsertAsync("k", "1");
        Assert.Equal(1, await rig.Repository.Repair.StepAsync());
        Assert.Equal(0, await rig.Repository.Repair.StepAsync());
        Assert.Equal("1|-", await rig.BothAsync("poison"));
        Assert.Equal(1, (await rig.Old.GetOutboxStatusAsync()).Pending);
        await Assert.ThrowsAsync<MirrorUnavailableException>(() => rig.Repository.Repair.DrainAsync());
        await new Backfill<string, string>(rig.Repository).RunAsync();
        Assert.Equal(GateCondition.OutboxPaid, Assert.Single((await rig.Ladder.AdvanceAsync()).Missing).Condition);

        Assert.Equal(1, rig.Repository.Repair.RetryDeadLetters());
        await rig.Repository.Repair.DrainAsync();
        Assert.Empty(rig.Repository.Repair.DeadLetters);
        Assert.Equal("1|1", await rig.BothAsync("poison"));
    }
}
