namespace ScaleKit.Migration.Tests;

public sealed class VerificationTests
{
    [Fact]
    public async Task RunAsync_DeletedInTheNewStoreAndOwedToTheOld_DifferentButNotLost()
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(MigrationPhase.NewSequencer);
        await rig.Repository.UpsertAsync("k", "1");
        rig.Old.Break(SteeredStore.Call.Apply);
        await Assert.ThrowsAsync<MirrorUnavailableException>(async () => await rig.Repository.DeleteAsync("k"));

        var report = await new Verification<string, string>(rig.Repository).RunAsync();

        Assert.Equal(1, report.Differences);
        Assert.Equal(0, report.Lost);
    }

    [Fact]
    public async Task RunAsync_EveryKindOfDifference_ClassifiedAndRepaired()
    {
        await using var rig = await DamagedAsync();
        var found = new Dictionary<string, DifferenceKind>();

        var report = await new Verification<string, string>(rig.Repository).RunAsync(repair: true, found: d => found.Add(d.Key, d.Kind));

        Assert.Equal(
            new Dictionary<string, DifferenceKind>
            {
                ["missing"] = DifferenceKind.Missing,
                ["stale"] = DifferenceKind.Stale,
                ["undeleted"] = DifferenceKind.Stale,
                ["different"] = DifferenceKind.Different,
                ["ahead"] = DifferenceKind.Different,
                ["extra"] = DifferenceKind.Extra,
            },
            found);
        Assert.Equal((7, 1, 1, 2, 2), (report.Compared, report.Missing, report.Extra, report.Stale, report.Different));
        Assert.Equal(6, report.Repaired);
        Assert.Equal(1, report.Lost);
        Assert.False(rig.Ladder.State.MirrorVerified);

        // In phase B what the sequencer wrote once more reaches the mirror by the outbox.
        await rig.Repository.Repair.DrainAsync();
        var again = await new Verification<string, string>(rig.Repository).RunAsync();
        Assert.True(again.IsClean);
        Assert.True(rig.Ladder.State.MirrorVerified);
        Assert.Equal("x|x", await rig.BothAsync("extra"));
        Assert.Equal("x|x", await rig.BothAsync("undeleted"));
        Assert.Equal("right|right", await rig.BothAsync("different"));
        Assert.Equal("right|right", await rig.BothAsync("ahead"));
        Assert.Equal(await rig.Old.DigestAsync(default), await rig.New.DigestAsync(default));
    }

    [Fact]
    public async Task RunAsync_WithoutRepair_ChangesNothing()
    {
        await using var rig = await DamagedAsync();
        var (old, @new) = (await rig.Old.DigestAsync(default), await rig.New.DigestAsync(default));

        Assert.Equal(6, (await new Verification<string, string>(rig.Repository).RunAsync()).Differences);
        Assert.Equal((old, @new), (await rig.Old.DigestAsync(default), await rig.New.DigestAsync(default)));
    }

    [Fact]
    public async Task T11_WriteOnItsWay_IsInFlightAndNoDifference()
    {
        await using var rig = new Rig();
        await rig.Ladder.AdvanceAsync();
        await rig.Repository.UpsertAsync("k", "1");
        await rig.Repository.UpsertAsync("k", "2");
        var repaired = false;
        rig.New.Before = async call =>
        {
            // Between the first look and the second one the repair comes by.
            if (call == SteeredStore.Call.Read && !repaired)
            {
                repaired = true;
                await rig.Repository.Repair.DrainAsync();
            }
        };

        var report = await new Verification<string, string>(rig.Repository).RunAsync();

        Assert.True(report.IsClean);
        Assert.Equal(1, report.InFlight);
    }

    [Fact]
    public async Task T11_RowWrittenAllTheTime_MirrorFollows_NoDifference()
    {
        await using var rig = new Rig();
        await rig.Ladder.AdvanceAsync();
        await rig.Repository.UpsertAsync("k", "0");
        var writes = 0;
        rig.Old.Before = async call =>
        {
            // The mirror gets each version, but the row has moved on whenever both are compared.
            if (call == SteeredStore.Call.Read && writes < 100)
            {
                rig.Old.Mend();
                await rig.Repository.Repair.DrainAsync();
                await rig.Repository.UpsertAsync("k", $"{++writes}");
            }
        };
        var before = rig.Old.Before;
        rig.New.Before = _ =>
        {
            rig.Old.Before = before;
            return Task.CompletedTask;
        };

        Assert.True((await new Verification<string, string>(rig.Repository).RunAsync()).IsClean);
        Assert.True(writes > 0);
    }

    [Fact]
    public async Task RunAsync_ManyRowsFewDifferences_DigestsFirstAndOnlyTheirNeighboursRowByRow()
    {
        await using var rig = new Rig(o => (o.VerificationBatchSize, o.BackfillBatchSize) = (10, 1000));
        for (var i = 0; i < 2000; i++)
        {
            await rig.Repository.UpsertAsync($"k{i:D5}", "same");
        }

        await rig.WalkToAsync(MigrationPhase.DualWriteBoth);
        foreach (var key in (string[])["k00003", "k01999"])
        {
            await rig.New.ApplyIfNewerAsync(new(key, VersionedValue.Live("corrupted", new(9, 1))));
        }

        await rig.New.ApplyIfNewerAsync(new("z", VersionedValue.Live("extra", new(9, 1))));
        var scans = 0;
        rig.Old.Before = call =>
        {
            scans += call == SteeredStore.Call.Scan ? 1 : 0;
            return Task.CompletedTask;
        };

        var report = await new Verification<string, string>(rig.Repository).RunAsync();

        Assert.Equal((2001, 2, 1), (report.Compared, report.Different, report.Extra));
        Assert.InRange(scans, 2, 40);
    }

    [Fact]
    public async Task RunAsync_CountsEqualButValuesDiffer_Found()
    {
        await using var rig = new Rig(o => o.VerificationBatchSize = 3);
        await rig.WalkToAsync(MigrationPhase.DualWriteBoth);
        for (var i = 0; i < 100; i++)
        {
            await rig.Repository.UpsertAsync($"k{i:D3}", "same");
        }

        var row = await rig.Old.ReadAsync("k050");
        await rig.New.WriteAsync(new("k050", "corrupted", 9) { Expected = row.Version });
        await rig.Old.ApplyIfNewerAsync(new("k050", VersionedValue.Live("same", (await rig.New.ReadAsync("k050")).Version)));

        var report = await new Verification<string, string>(rig.Repository).RunAsync();

        Assert.Equal((100, 1), (report.Compared, report.Different));
    }

    [Fact]
    public async Task RunAsync_OwnComparison_DecidesWhatIsTheSame()
    {
        await using var rig = new Rig();
        await rig.WalkToAsync(MigrationPhase.DualWriteBoth);
        await rig.Old.ApplyIfNewerAsync(new("k", VersionedValue.Live("1.0", new(2, 1))));
        await rig.New.ApplyIfNewerAsync(new("k", VersionedValue.Live("1.00", new(2, 1))));

        Assert.False((await new Verification<string, string>(rig.Repository).RunAsync()).IsClean);
        Assert.True((await new Verification<string, string>(rig.Repository, (a, b) => decimal.Parse(a, null) == decimal.Parse(b, null)).RunAsync()).IsClean);
    }

    [Fact]
    public async Task RunAsync_OneStoreOnly_Refused()
    {
        await using var rig = new Rig();
        await Assert.ThrowsAsync<MigrationStateException>(() => new Verification<string, string>(rig.Repository).RunAsync());
    }

    private static async Task<Rig> DamagedAsync()
    {
        var rig = new Rig();
        await rig.Ladder.AdvanceAsync();
        foreach (var key in (string[])["fine", "stale", "undeleted", "different", "ahead"])
        {
            await rig.Repository.UpsertAsync(key, "right");
        }

        await new Backfill<string, string>(rig.Repository).RunAsync();
        await rig.Repository.UpsertAsync("missing", "right");
        await rig.Repository.UpsertAsync("stale", "newer");
        await rig.Repository.DeleteAsync("undeleted");
        await rig.Old.AcknowledgeOutboxAsync(await rig.Old.PeekOutboxAsync(100));
        await rig.New.ApplyIfNewerAsync(new("ahead", VersionedValue.Live("made up", new(2, 50))));
        await rig.New.ApplyIfNewerAsync(new("extra", VersionedValue.Live("made up", new(2, 50))));
        await rig.New.ApplyIfNewerAsync(new("different", VersionedValue.Live("wrong", new(2, 8))));
        await rig.Old.ApplyIfNewerAsync(new("different", VersionedValue.Live("right", new(2, 8))));
        return rig;
    }
}
