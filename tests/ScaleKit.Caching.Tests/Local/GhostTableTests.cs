namespace ScaleKit.Caching.Tests;

public sealed class GhostTableTests
{
    [Fact]
    public void Remove_WithinTheWindow_IsTrueOnceAndOutsideItNever()
    {
        var ghosts = new GhostTable();
        for (var i = 1; i <= 10; i++)
            ghosts.Add(i, 4);

        Assert.Equal([7, 8, 9, 10], Enumerable.Range(1, 10).Where(i => ghosts.Remove(i, 4)));
        Assert.DoesNotContain(Enumerable.Range(0, 20), i => ghosts.Remove(i, 4));
    }

    [Fact]
    public void Add_ManyRandomKeys_RemembersNearlyAllOfTheWindowAndNothingBefore()
    {
        const int Window = 10_000;
        var random = new Random(1);
        var ghosts = new GhostTable();
        var hashes = Enumerable.Range(0, 5 * Window).Select(_ => random.Next()).Distinct().ToArray();
        foreach (var hash in hashes)
            ghosts.Add(hash, Window);

        Assert.InRange(hashes.TakeLast(Window).Count(h => ghosts.Remove(h, Window)), Window * 0.9, Window);
        Assert.DoesNotContain(hashes.SkipLast(Window), h => ghosts.Remove(h, Window));
    }

    [Fact]
    public void Add_WindowGrows_KeepsWhatItKnewAndStaysBounded()
    {
        var ghosts = new GhostTable();
        ghosts.Add(42, 10);
        ghosts.Add(0, 10);
        ghosts.Add(43, 1_000);

        Assert.True(ghosts.Remove(42, 1_000));
        Assert.True(ghosts.Remove(0, 1_000));
        ghosts.Add(44, long.MaxValue / 4);
        Assert.Equal(GhostTable.MaximumSlots, ghosts.Slots);
        Assert.True(ghosts.Remove(43, 1_000));
    }
}
