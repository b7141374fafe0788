using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

public sealed class MigrationLadderTests
{
    [Theory]
    [InlineData(MigrationPhase.OldOnly, MigrationPhase.DualWriteBoth, "skips a rung", "B (DualWrite)")]
    [InlineData(MigrationPhase.OldOnly, MigrationPhase.NewOnly, "skips a rung", "B (DualWrite)")]
    [InlineData(MigrationPhase.ReadNew, MigrationPhase.NewOnly, "skips a rung", "E (NewSequencer)")]
    [InlineData(MigrationPhase.ReadNew, MigrationPhase.OldOnly, "skips a rung", "Q (HelpingReads)")]
    [InlineData(MigrationPhase.DualWriteBoth, MigrationPhase.DualWriteBoth, "already stands", "C")]
    public async Task MoveToAsync_NotANeighbour_RefusedWithTheReason(MigrationPhase from, MigrationPhase to, string reason, string next)
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(from);

        var move = await rig.Ladder.MoveToAsync(to);

        Assert.False(move.Moved);
        Assert.Equal(from, move.State.Phase);
        Assert.Contains(reason, move.Missing[0].Message, StringComparison.Ordinal);
        Assert.Contains(next, move.Missing[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MoveAsync_OffTheEnds_Refused()
    {
        await using var rig = new Rig();
        Assert.Contains("end of the ladder", (await rig.Ladder.BackAsync()).Missing[0].Message, StringComparison.Ordinal);
        await rig.WalkToAsync(MigrationPhase.NewOnly);
        Assert.Contains("end of the ladder", (await rig.Ladder.AdvanceAsync()).Missing[0].Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => rig.Ladder.MoveToAsync((MigrationPhase)7));
    }

    [Fact]
    public async Task Epochs_ForwardAndBack_NewOneExactlyWhereAFenceIsNeeded()
    {
        await using var rig = new Rig();
        var epochs = new List<(MigrationPhase, long)>();
        foreach (var phase in Enum.GetValues<MigrationPhase>().Concat(Enum.GetValues<MigrationPhase>().Reverse().Skip(1)))
        {
            await rig.WalkToAsync(phase);
            epochs.Add((phase, rig.Ladder.State.Epoch));
        }

        Assert.Equal([1, 2, 2, 2, 2, 3, 4, 5, 6, 6, 6, 6, 7], epochs.Select(e => e.Item2));
        Assert.Equal(7, await rig.Old.Inner.FenceAsync(0));
        Assert.Equal(6, await rig.New.Inner.FenceAsync(0));
        await rig.Repository.UpsertAsync("k", "after the way back");
        Assert.Equal(new RowVersion(7, 1), (await rig.Old.ReadAsync("k")).Version);
    }

    [Fact]
    public async Task AdvanceAsync_StoreLacksACapability_NamedAndRefused()
    {
        await using var rig = new Rig();
        rig.New.Capabilities = StoreCapabilities.Scan;

        var refused = await rig.Ladder.AdvanceAsync();

        Assert.Equal("The store 'new' lacks ApplyIfNewer, which B (DualWrite) needs of it.", Assert.Single(refused.Missing).Message);
    }

    [Fact]
    public async Task AdvanceAsync_MirrorThatCannotSequence_RefusedBeforeItWould()
    {
        await using var rig = new Rig();
        rig.New.Capabilities = StoreCapabilities.Scan | StoreCapabilities.ApplyIfNewer;
        await rig.WalkToAsync(MigrationPhase.ReadNew);

        var refused = await rig.Ladder.AdvanceAsync();

        Assert.Contains("SequencedWrite, Outbox, Fence", Assert.Single(refused.Missing).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AdvanceAsync_WithoutBackfillOrVerification_SaysWhatIsMissing()
    {
        await using var rig = new Rig();
        await rig.Ladder.AdvanceAsync();
        Assert.Contains("backfill of 'new'", Assert.Single((await rig.Ladder.AdvanceAsync()).Missing).Message, StringComparison.Ordinal);
        await new Backfill<string, string>(rig.Repository).RunAsync();
        Assert.True((await rig.Ladder.AdvanceAsync()).Moved);
        Assert.True((await rig.Ladder.AdvanceAsync()).Moved);
        Assert.Contains("verification", Assert.Single((await rig.Ladder.AdvanceAsync()).Missing).Message, StringComparison.Ordinal);
        await new Verification<string, string>(rig.Repository).RunAsync();
        Assert.True((await rig.Ladder.AdvanceAsync()).Moved);
        Assert.Equal(MigrationPhase.ReadNew, rig.Ladder.Phase);
    }

    [Fact]
    public async Task AdvanceAsync_KillSwitchOff_RefusedAndOperationsGoOn()
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(MigrationPhase.DualWriteBoth);
        rig.Repository.IsEnabled = false;

        Assert.Contains("kill switch", Assert.Single((await rig.Ladder.AdvanceAsync()).Missing).Message, StringComparison.Ordinal);
        await rig.Repository.UpsertAsync("k", "1");
        Assert.Equal("1|1", await rig.BothAsync("k"));
        rig.Repository.IsEnabled = true;
        Assert.True((await rig.Ladder.AdvanceAsync()).Moved);
    }

    [Fact]
    public async Task LoadAsync_AfterARestart_GoesOnWhereItStood()
    {
        await using var rig = new Rig();
        await rig.Repository.UpsertAsync("k", "1");
        await rig.WalkToAsync(MigrationPhase.ReadNew);

        rig.Crash();
        Assert.Equal("1", (await rig.Repository.GetAsync("k")).Value);
        Assert.Equal(MigrationPhase.ReadNew, rig.Ladder.Phase);
        await rig.WalkToAsync(MigrationPhase.NewOnly);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LoadAsync_CrashWhileTheFenceWasRaised_StaysAndWritesGoOn(bool fenceStands)
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(MigrationPhase.ReadNew);
        var epoch = rig.Ladder.State.Epoch;
        var (arrived, _) = rig.Old.HoldNext(SteeredStore.Call.Fence, afterEffect: fenceStands);
        var move = rig.Ladder.AdvanceAsync();
        await arrived;
        rig.Crash();

        await rig.Repository.UpsertAsync("k", "1");

        Assert.Equal(MigrationPhase.ReadNew, rig.Ladder.Phase);
        Assert.Equal(epoch + 1, rig.Ladder.State.Epoch);
        Assert.Equal("1|1", await rig.BothAsync("k"));
        await Assert.ThrowsAsync<TimeoutException>(() => move);
        await rig.WalkToAsync(MigrationPhase.NewOnly);
    }

    [Fact]
    public async Task AdvanceAsync_FenceFails_ThePhaseGoesOn()
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(MigrationPhase.ReadNew);
        rig.Old.After = call => call == SteeredStore.Call.Fence ? Task.FromException(new IOException("lost answer")) : Task.CompletedTask;
        await Assert.ThrowsAsync<IOException>(() => rig.Ladder.AdvanceAsync());
        rig.Old.After = _ => Task.CompletedTask;

        await rig.Repository.UpsertAsync("k", "1");
        Assert.Equal("1|1", await rig.BothAsync("k"));
        Assert.Equal(MigrationPhase.ReadNew, rig.Ladder.Phase);
        await rig.WalkToAsync(MigrationPhase.NewSequencer);
    }

    [Fact]
    public async Task AdvanceAsync_TwoProcessesAtOnce_OneMovesAndNobodySkips()
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(MigrationPhase.DualWriteBoth);
        var other = rig.NewProcess(rig.Journal);
        await other.Ladder.LoadAsync();
        Assert.True((await rig.Ladder.AdvanceAsync()).Moved);

        var overtaken = await other.Ladder.AdvanceAsync();

        Assert.False(overtaken.Moved);
        Assert.Contains("Another instance", overtaken.Missing[0].Message, StringComparison.Ordinal);
        await other.Ladder.LoadAsync();
        Assert.Equal(MigrationPhase.HelpingReads, other.Ladder.Phase);
    }

    [Fact]
    public void Constructor_SameStoreTwice_Refused()
    {
        var store = new InMemoryStore<string, string>();
        Assert.Contains("needs two", Assert.Throws<ArgumentException>(() => new MigrationLadder(store, store)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Constructor_TwoObjectsOnOneTable_Refused()
    {
        using var files = new TestFiles();
        await using var old = files.Store("rows");
        await using var same = files.Store("rows");
        await using var otherTable = new SqlStore<string, string>(files.Connect("rows"), new() { Table = "rows_v2", Value = ValueFormat.Text });
        await using var otherFile = new SqlStore<string, string>(files.Connect("rows_v2"), new() { Table = "rows", Value = ValueFormat.Text });

        Assert.Contains("'rows'", Assert.Throws<ArgumentException>(() => new MigrationLadder(old, same)).Message, StringComparison.Ordinal);
        new MigrationLadder(old, otherTable).Dispose();
        new MigrationLadder(old, otherFile).Dispose();
    }

    [Fact]
    public void Constructor_LadderOfSwappedStores_Refused()
    {
        var (a, b) = (new InMemoryStore<string, string>("a"), new InMemoryStore<string, string>("b"));
        using var ladder = new MigrationLadder(a, b);
        Assert.Contains("'a' to 'b'", Assert.Throws<ArgumentException>(() => new DualWriteRepository<string, string>(b, a, ladder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_JournalHoldsNonsense_SaidSo()
    {
        var journal = new InMemoryJournal();
        await journal.TryWriteAsync("state:old>new", 0, "{ not json \u001b");
        await using var rig = new Rig();
        var broken = rig.NewProcess(journal);

        var failure = await Assert.ThrowsAsync<MigrationStateException>(async () => await broken.Ladder.LoadAsync());
        Assert.Contains("\\u001B", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pin_HotPath_AllocatesNothing()
    {
        await using var rig = new Rig();
        await rig.Ladder.LoadAsync();

        Assert.Equal(0, Allocated.By(() => rig.Ladder.Pin().Release()));
    }
}
