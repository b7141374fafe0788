using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class FailureTableTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CacheVersions _versions = new(16);
    private readonly FailureTable _table;

    public FailureTableTests()
    {
        _versions.Resume(new InvalidationPosition(1, 0));
        _table = new FailureTable(TimeSpan.FromSeconds(1), _versions, new MonotonicClock(_time), capacity: 4);
    }

    [Fact]
    public void Note_MoreKeysThanRoom_StaysWithinAndTakesNewOnesWhenOldOnesAreOver()
    {
        for (var i = 0; i < 100; i++)
            Note($"k{i}");
        Assert.Equal(4, _table.Count);

        _time.Advance(TimeSpan.FromSeconds(1));
        Note("late");

        Assert.NotNull(_table.Find("late", _versions.Current));
        Assert.Equal(1, _table.Count);
    }

    [Fact]
    public void Find_CacheWasDroppedSince_ForgetsTheFailure()
    {
        Note("k");
        _versions.DropLocal();

        Assert.Null(_table.Find("k", _versions.Current));
    }

    private void Note(string key) => _table.Note(key, [], _versions.Current, new IOException("down"));
}
