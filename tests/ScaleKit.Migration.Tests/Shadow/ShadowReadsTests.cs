using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

public sealed class ShadowReadsTests
{
    [Fact]
    public async Task GetAsync_AllShadowed_AgreementAndDifferenceAreCounted()
    {
        await using var rig = new Rig(o => o.ShadowReadPercent = 100);
        await rig.Repository.UpsertAsync("same", "1");
        await rig.Repository.UpsertAsync("different", "1");
        await rig.WalkToAsync(MigrationPhase.DualWriteBoth);
        await rig.New.Inner.ApplyIfNewerAsync(new("different", VersionedValue.Live("drifted", new(9, 9))));

        Assert.Equal("1", (await rig.Repository.GetAsync("same")).Value);
        Assert.Equal("1", (await rig.Repository.GetAsync("different")).Value);
        await Eventually.HoldsAsync(() => rig.Ladder.GetEvidence().ShadowReads == 2, "both reads are compared");

        Assert.Equal(1, rig.Ladder.GetEvidence().ShadowMismatches);
        Assert.Equal(("different", DifferenceKind.Different), (Assert.Single(rig.Repository.ShadowReads.Mismatches).Key, rig.Repository.ShadowReads.Mismatches[0].Kind));
    }

    [Fact]
    public async Task GetAsync_MirrorHangs_CallerNeitherWaitsNorFails()
    {
        await using var rig = new Rig(o =>
        {
            o.ShadowReadPercent = 100;
            o.ShadowReadTimeout = TimeSpan.FromMilliseconds(20);
        });
        await rig.Ladder.AdvanceAsync();
        rig.New.Hang(SteeredStore.Call.Read);
        for (var i = 0; i < 5000; i++)
        {
            Assert.True(rig.Repository.GetAsync($"k{i}").IsCompletedSuccessfully);
        }

        Assert.Equal(0, rig.Ladder.GetEvidence().ShadowMismatches);
    }

    [Fact]
    public async Task CompareAsync_WriteOnItsWay_NoMismatch()
    {
        await using var rig = new Rig(o => o.ShadowReadPercent = 100);
        await rig.Ladder.AdvanceAsync();
        await rig.Repository.UpsertAsync("k", "1");
        var looks = 0;
        rig.New.Before = async call =>
        {
            if (call == SteeredStore.Call.Read && ++looks == 2)
            {
                await rig.New.Inner.ApplyIfNewerAsync(new("k", await rig.Old.Inner.ReadAsync("k")));
            }
        };

        await rig.Repository.ShadowReads.CompareAsync("k", CancellationToken.None);

        Assert.Equal((1, 0), (rig.Ladder.GetEvidence().ShadowReads, rig.Ladder.GetEvidence().ShadowMismatches));
    }

    [Fact]
    public void Includes_RisingPercentage_MonotoneAndProportional()
    {
        var keys = Enumerable.Range(0, 10_000).Select(i => $"user/{i}").ToList();
        var before = new HashSet<string>(StringComparer.Ordinal);
        foreach (var percent in (double[])[0, 0.1, 1, 10, 50, 99, 100])
        {
            var share = keys.Where(k => KeyShare.Includes(k, "salt", percent)).ToHashSet(StringComparer.Ordinal);
            Assert.Superset(before, share);
            Assert.InRange(share.Count, (percent * 100) - 200, (percent * 100) + 200);
            before = share;
        }

        Assert.NotEqual(keys.Where(k => KeyShare.Includes(k, "salt", 50)), keys.Where(k => KeyShare.Includes(k, "another", 50)));
    }
}
