namespace ScaleKit.Caching;

/// <summary>
/// The links of the last records. A number that comes again with another link was given out twice: the log lost its last records, as a failover to a replica
/// that lagged behind does. Not thread-safe.
/// </summary>
internal sealed class RecentLinks
{
    private const int Kept = 1024;
    private readonly InvalidationPosition[] _recent = new InvalidationPosition[Kept];

    public void Note(InvalidationPosition position) => _recent[Slot(position)] = position;

    public bool Contradict(InvalidationPosition position) =>
        _recent[Slot(position)] is var known && known.Epoch == position.Epoch && known.Sequence == position.Sequence && known.Link != position.Link;

    public void Clear() => Array.Clear(_recent);

    private static int Slot(InvalidationPosition position) => (int)((ulong)position.Sequence % Kept);
}
