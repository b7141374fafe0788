namespace ScaleKit.Analysis.Caching;

/// <summary>
/// W-TinyLFU, Einziger, Friedman and Manes, ACM TOS 13(4), 2017: a window of 1 %, a segmented LRU behind it, and a sketch of four counters a key that decides who enters.
/// </summary>
internal sealed class TinyLfuPolicy : IPolicy
{
    private const int Counters = 4;
    private readonly int _windowCapacity;
    private readonly int _mainCapacity;
    private readonly int _protectedCapacity;
    private readonly int _sample;
    private readonly byte[] _sketch;
    private readonly LinkedList<int> _window = new();
    private readonly LinkedList<int> _probation = new();
    private readonly LinkedList<int> _protected = new();
    private readonly Dictionary<int, LinkedListNode<int>> _nodes = [];
    private int _additions;

    public TinyLfuPolicy(int capacity)
    {
        _windowCapacity = Math.Max(1, capacity / 100);
        _mainCapacity = Math.Max(1, capacity - _windowCapacity);
        _protectedCapacity = _mainCapacity * 8 / 10;
        _sample = capacity * 10;
        _sketch = new byte[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity * 8)];
    }

    public bool Ask(int key)
    {
        Count(key);
        if (_nodes.TryGetValue(key, out var node))
        {
            Promote(node);
            return true;
        }

        _nodes[key] = _window.AddFirst(key);
        if (_window.Count > _windowCapacity)
            Admit(_window.Last!);
        return false;
    }

    private static void Move(LinkedListNode<int> node, LinkedList<int> to)
    {
        node.List!.Remove(node);
        to.AddFirst(node);
    }

    private void Promote(LinkedListNode<int> node)
    {
        Move(node, node.List == _window ? _window : _protected);
        if (_protected.Count > _protectedCapacity)
            Move(_protected.Last!, _probation);
    }

    private void Admit(LinkedListNode<int> candidate)
    {
        if (_probation.Count + _protected.Count >= _mainCapacity)
        {
            var victim = _probation.Last ?? _protected.Last!;
            var loser = Frequency(candidate.Value) > Frequency(victim.Value) ? victim : candidate;
            loser.List!.Remove(loser);
            _nodes.Remove(loser.Value);
            if (loser == candidate)
                return;
        }

        Move(candidate, _probation);
    }

    private void Count(int key)
    {
        for (var i = 0; i < Counters; i++)
        {
            ref var counter = ref _sketch[Place(key, i)];
            counter = (byte)Math.Min(15, counter + 1);
        }

        if (++_additions < _sample)
            return;
        _additions /= 2;
        for (var i = 0; i < _sketch.Length; i++)
            _sketch[i] >>= 1;
    }

    private int Frequency(int key)
    {
        var least = int.MaxValue;
        for (var i = 0; i < Counters; i++)
            least = Math.Min(least, _sketch[Place(key, i)]);
        return least;
    }

    private int Place(int key, int row) =>
        (int)(((((ulong)(uint)key * 0x9E3779B97F4A7C15) + ((ulong)row * 0xC2B2AE3D27D4EB4F)) * 0xD6E8FEB86659FD93) >> 33) & (_sketch.Length - 1);
}
