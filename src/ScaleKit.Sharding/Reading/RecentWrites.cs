namespace ScaleKit.Sharding;

/// <summary>When keys were last written, in fixed memory: keys that share a place share its latest time, which errs to the safe side.</summary>
internal sealed class RecentWrites(int places)
{
    // Timestamps plus one: zero means never.
    private readonly long[] _times = new long[places];

    public void Mark(ulong hash, long now)
    {
        ref var place = ref _times[(int)(hash & (ulong)(_times.Length - 1))];
        var mark = now + 1;
        var seen = Volatile.Read(ref place);

        // Two writers race: the earlier time must not win by coming last.
        while (seen < mark)
        {
            var before = Interlocked.CompareExchange(ref place, mark, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }

    public bool IsRecent(ulong hash, long now, long span)
    {
        var mark = Volatile.Read(ref _times[(int)(hash & (ulong)(_times.Length - 1))]);
        return mark != 0 && now - (mark - 1) < span;
    }
}
