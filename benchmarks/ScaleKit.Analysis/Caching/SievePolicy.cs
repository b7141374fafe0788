namespace ScaleKit.Analysis.Caching;

/// <summary>SIEVE, Zhang et al., NSDI 2024: one queue, one bit, and a hand that stays where it evicted.</summary>
internal sealed class SievePolicy(int capacity) : IPolicy
{
    private readonly LinkedList<Slot> _queue = new();
    private readonly Dictionary<int, LinkedListNode<Slot>> _nodes = [];
    private LinkedListNode<Slot>? _hand;

    public bool Ask(int key)
    {
        if (_nodes.TryGetValue(key, out var node))
        {
            node.Value.IsVisited = true;
            return true;
        }

        if (_nodes.Count == capacity)
        {
            var victim = _hand ?? _queue.Last!;
            while (victim.Value.IsVisited)
            {
                victim.Value.IsVisited = false;
                victim = victim.Previous ?? _queue.Last!;
            }

            _hand = victim.Previous;
            _nodes.Remove(victim.Value.Key);
            _queue.Remove(victim);
        }

        _nodes[key] = _queue.AddFirst(new Slot(key));
        return false;
    }

    private sealed class Slot(int key)
    {
        public int Key => key;

        public bool IsVisited { get; set; }
    }
}
