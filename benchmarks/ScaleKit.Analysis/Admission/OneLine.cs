namespace ScaleKit.Analysis.Admission;

/// <summary>One cap and one line for all, as a ConcurrencyLimiter or a SemaphoreSlim has it: first come, first served, whatever the room.</summary>
internal sealed class OneLine(int seats) : ISeatLine
{
    private readonly LinkedList<int> _line = new();
    private readonly Dictionary<int, LinkedListNode<int>> _waiting = [];
    private int _free = seats;

    public IReadOnlyList<int> Enter(int visitor, int room)
    {
        _waiting[visitor] = _line.AddLast(visitor);
        return Grant();
    }

    public IReadOnlyList<int> GiveUp(int visitor)
    {
        if (_waiting.Remove(visitor, out var place))
        {
            _line.Remove(place);
        }

        return [];
    }

    public IReadOnlyList<int> Release(int visitor)
    {
        _free++;
        return Grant();
    }

    public void Advance(TimeSpan by)
    {
    }

    private List<int> Grant()
    {
        var granted = new List<int>();
        for (; _free > 0 && _line.First is { } next; _free--)
        {
            granted.Add(next.Value);
            _waiting.Remove(next.Value);
            _line.RemoveFirst();
        }

        return granted;
    }
}
