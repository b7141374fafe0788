namespace ScaleKit.Caching;

/// <summary>
/// Which versions are void. Written by <see cref="InvalidationFollower"/> under its lock, read by everyone without one. The order of the writes is the
/// invariant: the tables first, then <see cref="_stamp"/>, then <see cref="_current"/>. So a token never covers a record that the tables do not show yet.
/// </summary>
internal sealed class CacheVersions(int capacity)
{
    private FillToken _current = new(default, Generation: 0, IsFollowing: false);
    private VersionTable _keys = new(capacity);
    private VersionTable _tags = new(capacity);
    private long _clearedAt;

    // How many records that void tags were applied. An entry that passed the full check at this stamp or later needs no other; MaxValue sends every reader to the full
    // check. Not a sequence: an own record can be applied before an earlier one of another node, and the entry that passed in between must be looked at again.
    private long _stamp = long.MaxValue;
    private long _voidings;
    private int _generation;

    // A timestamp of the cache's clock.
    private long _trustedUntil = long.MaxValue;

    /// <summary>The sequence of the last clear.</summary>
    public long ClearedAt => Volatile.Read(ref _clearedAt);

    public FillToken Current => Volatile.Read(ref _current);

    /// <summary>The check of every hit in memory: two comparisons, unless a tag was removed since the entry was last looked at.</summary>
    public bool IsLive(LocalEntry entry)
    {
        if (entry.Generation != Volatile.Read(ref _generation))
            return false;
        var stamp = Volatile.Read(ref _stamp);
        return entry.CheckedAt >= stamp || IsLiveByTables(entry, stamp);
    }

    /// <summary>Whether a value of this version is not void by its key, its tags or a clear. Meaningful only while the generation stays what it was: see <see cref="Covers"/>.</summary>
    public bool IsValid(string key, string[] tags, long version) =>
        version >= Volatile.Read(ref _keys).Find(key) && AreTagsValid(tags, version);

    /// <summary>Whether what was read under <paramref name="token"/> can still be judged: the cache is in step, and nothing was dropped in between.</summary>
    public bool Covers(FillToken token) => token.IsFollowing && Current.IsFollowing && token.Generation == Volatile.Read(ref _generation);

    /// <summary>Whether a value of this version that was made under <paramref name="token"/> may be stored.</summary>
    public bool Allows(FillToken token, string key, string[] tags, long version) =>
        token.Position.Sequence >= Volatile.Read(ref _keys).Floor && IsValid(key, tags, version) && Covers(token);

    /// <summary>Until when the memory level may be used without another answer of the log, in timestamps of the cache's clock; after that it is suspect.</summary>
    public long TrustedUntil
    {
        get => Volatile.Read(ref _trustedUntil);
        set => Volatile.Write(ref _trustedUntil, value);
    }

    public void VoidKey(string key, long sequence) => _keys.Advance(key, sequence);

    /// <summary>Voids the tags of one record. The stamp moves after the last of them: an entry that passed the check between two would never be looked at again.</summary>
    public void VoidTags(IReadOnlyList<string> tags, long sequence)
    {
        foreach (var tag in tags)
        {
            if (string.Equals(tag, Invalidation.Everything, StringComparison.Ordinal))
                Volatile.Write(ref _clearedAt, Math.Max(_clearedAt, sequence));
            else
                _tags.Advance(tag, sequence);
        }

        if (tags.Count == 0)
            return;
        _voidings++;
        if (_current.IsFollowing)
            Volatile.Write(ref _stamp, _voidings);
    }

    public void MoveTo(InvalidationPosition position) => Volatile.Write(ref _current, _current with { Position = position });

    /// <summary>Out of step with the log: until <see cref="Resume"/> no entry in memory is live and no fill is stored.</summary>
    public void Suspend()
    {
        Volatile.Write(ref _stamp, long.MaxValue);
        Volatile.Write(ref _current, _current with { IsFollowing = false });
    }

    /// <summary>In step again, every record up to <paramref name="position"/> applied.</summary>
    public void Resume(InvalidationPosition position)
    {
        Volatile.Write(ref _stamp, _voidings);
        Volatile.Write(ref _current, new FillToken(position, _generation, IsFollowing: true));
    }

    /// <summary>Voids the whole memory level at once, and every fill that is under way.</summary>
    public void DropLocal()
    {
        var generation = Interlocked.Increment(ref _generation);
        Volatile.Write(ref _current, _current with { Generation = generation });
    }

    /// <summary>Forgets a lost history. The generation moves first, so whoever sees an emptied table also sees that it may not judge by it.</summary>
    public void StartOver(long tagFloor)
    {
        DropLocal();
        Volatile.Write(ref _keys, new VersionTable(capacity));
        Volatile.Write(ref _tags, new VersionTable(capacity, tagFloor));
        Volatile.Write(ref _clearedAt, 0);
        _voidings++;
    }

    private bool AreTagsValid(string[] tags, long version)
    {
        if (version < Volatile.Read(ref _clearedAt))
            return false;
        if (tags.Length == 0)
            return true;
        var table = Volatile.Read(ref _tags);
        foreach (var tag in tags)
        {
            if (version < table.Find(tag))
                return false;
        }

        // After the look-ups: what a look-up missed because it was dropped meanwhile is covered by the floor that rose with the drop.
        return version >= table.Floor;
    }

    private bool IsLiveByTables(LocalEntry entry, long stamp)
    {
        if (stamp == long.MaxValue || !AreTagsValid(entry.Tags, entry.Version))
            return false;
        entry.CheckedAt = stamp;
        return true;
    }
}
