namespace ScaleKit.Sharding;

/// <summary>Walks two topologies side by side over the whole range of hashes. Widths are whole numbers, so that nothing is lost to rounding.</summary>
internal sealed class DiffBuilder(string[] fromIds, string[] toIds)
{
    private readonly UInt128[] _before = new UInt128[fromIds.Length];
    private readonly UInt128[] _after = new UInt128[toIds.Length];
    private readonly Dictionary<(int From, int To), UInt128> _flows = [];
    private readonly List<SlotMove> _moves = [];

    public TopologyDiff Build(
        IEnumerable<(UInt128 End, int Owner)> from, IEnumerable<(UInt128 End, int Owner)> to, long fromVersion, long toVersion, int slots)
    {
        using var a = from.GetEnumerator();
        using var b = to.GetEnumerator();
        var moved = UInt128.Zero;
        var start = UInt128.Zero;
        var more = a.MoveNext() && b.MoveNext();
        while (more)
        {
            var end = UInt128.Min(a.Current.End, b.Current.End);
            moved += Add(a.Current.Owner, b.Current.Owner, start, end, slots);
            start = end;
            more = (a.Current.End != end || a.MoveNext()) && (b.Current.End != end || b.MoveNext());
        }

        var flows = _flows
            .Select(f => new TopologyFlow(fromIds[f.Key.From], toIds[f.Key.To], TopologyDiff.Share(f.Value)))
            .OrderByDescending(f => f.Share).ThenBy(f => f.From, StringComparer.Ordinal).ThenBy(f => f.To, StringComparer.Ordinal)
            .ToArray();
        return new TopologyDiff(fromVersion, toVersion, moved, Minimum(), flows, _moves);
    }

    private UInt128 Add(int from, int to, UInt128 start, UInt128 end, int slots)
    {
        var width = end - start;
        _before[from] += width;
        _after[to] += width;
        if (string.Equals(fromIds[from], toIds[to], StringComparison.Ordinal))
        {
            return UInt128.Zero;
        }

        _flows[(from, to)] = _flows.GetValueOrDefault((from, to)) + width;
        if (slots > 0)
        {
            var shift = 64 - int.Log2(slots);
            AddMove(new SlotMove((int)(start >> shift), (int)(end >> shift) - 1, fromIds[from], toIds[to]));
        }

        return width;
    }

    private void AddMove(SlotMove move)
    {
        if (_moves.Count > 0 && _moves[^1] is var last && last.Last + 1 == move.First && last with { First = move.First, Last = move.Last } == move)
        {
            _moves[^1] = last with { Last = move.Last };
            return;
        }

        _moves.Add(move);
    }

    private UInt128 Minimum()
    {
        var before = new Dictionary<string, UInt128>(StringComparer.Ordinal);
        for (var i = 0; i < fromIds.Length; i++)
        {
            before.Add(fromIds[i], _before[i]);
        }

        var minimum = UInt128.Zero;
        for (var i = 0; i < toIds.Length; i++)
        {
            var had = before.GetValueOrDefault(toIds[i]);
            minimum += _after[i] > had ? _after[i] - had : UInt128.Zero;
        }

        return minimum;
    }
}
