namespace ScaleKit.Caching.Tests;

public sealed class CacheVersionsTests
{
    private readonly CacheVersions _versions = new(capacity: 16);

    public CacheVersionsTests() => _versions.Resume(new InvalidationPosition(1, 10));

    [Theory]
    [InlineData(19, false)]
    [InlineData(20, true)]
    public void IsValid_TagVoidedAt20_DependsOnTheVersion(long version, bool expected)
    {
        _versions.VoidTags(["t"], 20);

        Assert.Equal(expected, _versions.IsValid("k", ["a", "t"], version));
        Assert.True(_versions.IsValid("k", ["a"], 0));
        Assert.True(_versions.IsValid("k", [], 0));
    }

    [Fact]
    public void IsValid_ClearAndKey_VoidWhatIsOlder()
    {
        _versions.VoidKey("k", 15);
        Assert.False(_versions.IsValid("k", [], 14));
        Assert.True(_versions.IsValid("j", [], 14));

        _versions.VoidTags(["*"], 20);
        _versions.VoidTags(["*"], 18);
        Assert.False(_versions.IsValid("j", [], 19));
        Assert.True(_versions.IsValid("k", ["t"], 20));
    }

    [Fact]
    public void IsLive_TagVoidedAfterAHit_IsSeenByTheNextHit()
    {
        var entry = Entry(12, "t");
        Assert.True(_versions.IsLive(entry));
        Assert.True(_versions.IsLive(entry));

        _versions.VoidTags(["other"], 20);
        Assert.True(_versions.IsLive(entry));
        _versions.VoidTags(["t"], 21);

        Assert.False(_versions.IsLive(entry));
        Assert.False(_versions.IsLive(entry));
    }

    [Fact]
    public void IsLive_HitWhileTheTagsOfARecordAreVoided_IsNotTrustedAfterThem()
    {
        // Two tags of one record; a reader comes between them and finds his own not void yet. If that look counted for the whole record, he would never look again.
        var entry = Entry(12, "t");

        _versions.VoidTags(new Interrupted("other", "t", between: () => Assert.True(_versions.IsLive(entry))), 20);

        Assert.False(_versions.IsLive(entry));
    }

    [Fact]
    public void IsLive_EarlierRecordAppliedAfterALaterOne_IsSeenByTheNextHit()
    {
        // A cache applies its own record 21 when the append returns; record 20 of another node is still on its way.
        var entry = Entry(12, "t");
        _versions.VoidTags(["own"], 21);
        Assert.True(_versions.IsLive(entry));

        _versions.VoidTags(["t"], 20);

        Assert.False(_versions.IsLive(entry));
    }

    [Fact]
    public void IsLive_SuspendedDroppedOrStartedOver_IsFalseForWhatWasThere()
    {
        var entry = Entry(12);
        Assert.True(_versions.IsLive(entry));
        _versions.Suspend();
        Assert.False(_versions.IsLive(entry));
        _versions.Resume(new InvalidationPosition(1, 11));
        Assert.True(_versions.IsLive(entry));

        _versions.DropLocal();
        Assert.False(_versions.IsLive(entry));
        var second = Entry(12);
        Assert.True(_versions.IsLive(second));
        _versions.StartOver(tagFloor: 0);
        Assert.False(_versions.IsLive(second));
    }

    [Fact]
    public void Allows_TokenFromBefore_IsRefusedAfterEachKindOfChange()
    {
        var token = _versions.Current;
        Assert.True(_versions.Allows(token, "k", ["t"], token.Position.Sequence));

        _versions.VoidKey("k", 11);
        Assert.False(_versions.Allows(token, "k", [], token.Position.Sequence));
        Assert.True(_versions.Allows(token, "k", [], 11));
        _versions.Suspend();
        Assert.False(_versions.Allows(token, "j", [], token.Position.Sequence));
        Assert.False(_versions.Allows(_versions.Current, "j", [], 10));
        _versions.StartOver(tagFloor: 30);
        _versions.Resume(new InvalidationPosition(2, 5));
        Assert.False(_versions.Allows(token, "j", [], 10));
        Assert.False(_versions.Allows(_versions.Current, "j", ["t"], 29));
        Assert.True(_versions.Allows(_versions.Current, "j", [], 29));
    }

    private LocalEntry<int> Entry(long version, params string[] tags) =>
        new(1) { Version = version, Generation = _versions.Current.Generation, Tags = tags, ExpiresAt = 0, StaleUntil = 0 };

    /// <summary>Two tags with something that happens between them.</summary>
    private sealed class Interrupted(string first, string second, Action between) : IReadOnlyList<string>
    {
        public int Count => 2;

        public string this[int index] => index == 0 ? first : second;

        public IEnumerator<string> GetEnumerator()
        {
            yield return first;
            between();
            yield return second;
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
