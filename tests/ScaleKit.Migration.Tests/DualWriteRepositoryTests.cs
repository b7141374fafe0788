using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

public sealed class DualWriteRepositoryTests
{
    public static TheoryData<MigrationPhase> Phases => [.. Enum.GetValues<MigrationPhase>()];

    [Theory]
    [MemberData(nameof(Phases))]
    public async Task EveryOperation_EveryPhase_SameAnswers(MigrationPhase phase)
    {
        await using var rig = new Rig();
        await rig.Repository.UpsertAsync("before", "0");
        await rig.WalkToAsync(phase);
        var repository = rig.Repository;

        var version = await repository.UpsertAsync("a", "1");
        Assert.Equal(version, (await repository.GetAsync("a")).Version);
        Assert.Equal(WriteStatus.Conflict, (await repository.UpsertIfAsync("a", "x", new(1, 99))).Status);
        Assert.Equal(WriteStatus.Written, (await repository.UpsertIfAsync("a", "2", version)).Status);
        Assert.Equal(WriteStatus.Conflict, (await repository.UpsertIfAsync("a", "x", RowVersion.None)).Status);
        Assert.Equal("2!", (await repository.UpdateAsync("a", row => row.Value + "!")).Value);
        Assert.Equal("new", (await repository.UpdateAsync("b", row => row.Exists ? "?" : "new")).Value);
        Assert.False(await repository.DeleteAsync("nobody"));
        Assert.Equal(WriteStatus.Conflict, (await repository.DeleteIfAsync("b", new(1, 99))).Status);
        Assert.True(await repository.DeleteAsync("b"));
        Assert.False((await repository.GetAsync("b")).Exists);
        Assert.Equal(["2!", null, "0"], (await repository.GetManyAsync(["a", "b", "before"])).Select(e => e.Value));
        Assert.Equal(["before", "a"], (await repository.ScanAsync(new ScanRequest<string> { Descending = true })).Entries.Select(e => e.Key));
    }

    [Fact]
    public async Task UpsertAsync_PhaseB_DeadMirrorIsNeverTouched()
    {
        await using var rig = new Rig();
        await rig.Ladder.AdvanceAsync();
        rig.New.Hang(Enum.GetValues<SteeredStore.Call>());

        for (var i = 0; i < 1000; i++)
        {
            // Ended when it returns: there was nothing to wait for.
            Assert.True(rig.Repository.UpsertAsync($"k{i}", "1").IsCompletedSuccessfully);
            Assert.True(rig.Repository.GetAsync($"k{i}").IsCompletedSuccessfully);
        }

        Assert.Equal(1000, (await rig.Old.GetOutboxStatusAsync()).Pending);
    }

    [Theory]
    [InlineData(MigrationPhase.DualWriteBoth)]
    [InlineData(MigrationPhase.HelpingReads)]
    [InlineData(MigrationPhase.ReadNew)]
    [InlineData(MigrationPhase.NewSequencer)]
    public async Task UpsertAsync_LoadBearingMirrorHangs_FailsInTimeAndSaysSo(MigrationPhase phase)
    {
        await using var rig = new Rig(o => o.MirrorTimeout = TimeSpan.FromMilliseconds(20));
        await rig.WalkToAsync(phase);
        var mirror = phase == MigrationPhase.NewSequencer ? rig.Old : rig.New;
        mirror.Hang(SteeredStore.Call.Apply);

        var failure = await Assert.ThrowsAsync<MirrorUnavailableException>(async () => await rig.Repository.UpsertAsync("k", "1"));

        Assert.Contains(mirror.Name, failure.Message, StringComparison.Ordinal);
        Assert.Contains("outcome is unknown", failure.Message, StringComparison.Ordinal);
        mirror.Mend();
        await rig.Repository.Repair.DrainAsync();
        Assert.Equal("1|1", await rig.BothAsync("k"));
    }

    [Fact]
    public async Task UpsertAsync_PhasesAAndF_OtherStoreIsNeverTouched()
    {
        await using var rig = new Rig();
        rig.New.Break(Enum.GetValues<SteeredStore.Call>());
        await rig.Repository.UpsertAsync("a", "1");
        rig.New.Mend();
        await rig.WalkToAsync(MigrationPhase.NewOnly);
        rig.Old.Break(Enum.GetValues<SteeredStore.Call>());
        await rig.Repository.UpsertAsync("b", "1");
        await rig.Repository.DeleteAsync("a");

        Assert.Equal(0, (await rig.New.GetOutboxStatusAsync()).Pending);
        Assert.Equal("-|1", await rig.BothAsync("b"));
    }

    [Fact]
    public async Task NewStore_ReadByItselfInPhaseB_IsBehindByTheDebtAndNeverRunsBackwards()
    {
        await using var rig = new Rig();
        await rig.Repository.UpsertAsync("k", "1");
        await rig.Repository.UpsertAsync("gone", "1");
        await rig.Ladder.AdvanceAsync();
        await new Backfill<string, string>(rig.Repository).RunAsync();
        IVersionedStore<string, string> replica = rig.New;
        var first = await replica.ReadAsync("k");

        // The repair holds an older row when the next one is written, paid, and only then does the older one arrive.
        await rig.Repository.UpsertAsync("k", "2");
        var (arrived, release) = rig.New.HoldNext(SteeredStore.Call.Apply);
        var late = rig.Repository.Repair.DrainAsync();
        await arrived;
        await rig.Repository.UpsertAsync("k", "3");
        await rig.Repository.DeleteAsync("gone");
        Assert.Equal((3, "1"), ((await rig.Old.GetOutboxStatusAsync()).Pending, (await replica.ReadAsync("k")).Value));
        await rig.New.Inner.ApplyIfNewerAsync(new("k", await rig.Old.ReadAsync("k")));
        var newest = await replica.ReadAsync("k");
        release();
        await late;

        Assert.Equal(("1", "3"), (first.Value, newest.Value));
        Assert.Equal(newest, await replica.ReadAsync("k"));
        await rig.Repository.Repair.DrainAsync();
        Assert.Equal((0, newest), ((await rig.Old.GetOutboxStatusAsync()).Pending, await replica.ReadAsync("k")));
        Assert.Equal(["k"], (await replica.ScanAsync(new ScanRequest<string>())).Entries.Select(static row => row.Key));
    }

    [Fact]
    public async Task Operations_StoreThrows_PinIsReleased()
    {
        await using var rig = new Rig();
        rig.Old.Break(SteeredStore.Call.Read, SteeredStore.Call.Write);
        await Assert.ThrowsAsync<IOException>(async () => await rig.Repository.GetAsync("k"));
        await Assert.ThrowsAsync<IOException>(async () => await rig.Repository.UpsertAsync("k", "1"));
        await Assert.ThrowsAsync<IOException>(async () => await rig.Repository.UpdateAsync("k", _ => "1"));
        rig.Old.Mend();

        Assert.Equal(0, rig.Ladder.Current.CountInside());
        Assert.True((await rig.Ladder.AdvanceAsync()).Settled);
    }

    [Fact]
    public async Task UpdateAsync_ChangeThrowsOrReturnsNull_NothingWritten()
    {
        await using var rig = new Rig();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await rig.Repository.UpdateAsync("k", _ => null!));
        await Assert.ThrowsAsync<FormatException>(async () => await rig.Repository.UpdateAsync("k", _ => throw new FormatException()));

        Assert.Equal("-|-", await rig.BothAsync("k"));
        Assert.Equal(0, rig.Ladder.Current.CountInside());
    }

    [Theory]
    [InlineData(0xD800)]
    [InlineData(0xDC00)]
    [InlineData(0)]
    public async Task Operations_KeyThatDatabasesChange_Refused(int unit)
    {
        // Made here: an attribute cannot hold half of a surrogate pair.
        var key = "key " + (char)unit;
        await using var rig = new Rig();
        await Assert.ThrowsAsync<ArgumentException>(async () => await rig.Repository.GetAsync(key));
        var refused = await Assert.ThrowsAsync<ArgumentException>(async () => await rig.Repository.UpsertAsync(key, "1"));
        Assert.DoesNotContain('\0', refused.Message);
    }

    [Fact]
    public async Task Operations_NullOrHuge_Refused()
    {
        await using var rig = new Rig();
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await rig.Repository.GetAsync(null!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await rig.Repository.UpsertAsync("k", null!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await rig.Repository.GetManyAsync(["a", null!]));
        var huge = await Assert.ThrowsAsync<ArgumentException>(async () => await rig.Repository.UpsertAsync(new string('k', 100_000), "1"));
        Assert.Contains("100000", huge.Message, StringComparison.Ordinal);
        Assert.InRange(huge.Message.Length, 1, 300);
    }

    [Fact]
    public async Task StragglerWithAnotherJournal_Fenced_ClearException()
    {
        await using var rig = new Rig();
        var journal = new InMemoryJournal();
        var stranger = rig.NewProcess(journal);
        await stranger.Ladder.LoadAsync();
        await rig.Ladder.AdvanceAsync();

        var refused = await Assert.ThrowsAsync<StoreFencedException>(async () => await stranger.UpsertAsync("k", "1"));
        Assert.Contains("old", refused.Message, StringComparison.Ordinal);
        Assert.Equal("-|-", await rig.BothAsync("k"));
    }

    [Fact]
    public async Task GetAndUpsert_PhaseA_AddNoAllocation()
    {
        var store = new InMemoryStore<string, string>();
        await using var repository = new DualWriteRepository<string, string>(
            store, new InMemoryStore<string, string>("new"), new MigrationOptions { RepairInBackground = false });
        await repository.UpsertAsync("k", "1");
        for (var i = 0; i < 100; i++)
        {
            await repository.GetAsync("k");
            await repository.UpsertAsync("k", "2");
        }

        var bare = Allocated.By(() => store.WriteAsync(new("k", "2", 1)).GetAwaiter().GetResult());
        var through = Allocated.By(() => repository.UpsertAsync("k", "2").GetAwaiter().GetResult());
        var bareRead = Allocated.By(() => store.ReadAsync("k").GetAwaiter().GetResult());
        var read = Allocated.By(() => repository.GetAsync("k").GetAwaiter().GetResult());

        Assert.Equal(bare, through);
        Assert.Equal(bareRead, read);
        Assert.Equal(0, read);
    }
}
