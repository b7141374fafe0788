namespace ScaleKit.Sharding.Tests;

public sealed class RecentWritesTests
{
    /// <summary>Invariant: a mark only rises. Breaking interleaving: a writer takes time 1, another takes and stores 9, the first stores 1.</summary>
    [Fact]
    public void Mark_EarlierTimeComesLast_TheLaterStands()
    {
        var writes = new RecentWrites(256);

        writes.Mark(7, now: 9);
        writes.Mark(7, now: 1);

        Assert.True(writes.IsRecent(7, now: 13, span: 5));
        Assert.False(writes.IsRecent(7, now: 14, span: 5));
    }

    [Fact]
    public void IsRecent_KeysThatShareAPlace_ErrToTheSafeSide()
    {
        var writes = new RecentWrites(256);

        writes.Mark(1, now: 0);

        Assert.True(writes.IsRecent(257, now: 0, span: 1));
        Assert.False(writes.IsRecent(2, now: 0, span: 1));
    }
}
