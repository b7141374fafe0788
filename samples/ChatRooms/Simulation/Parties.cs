namespace ChatRooms;

/// <summary>Which room simulated people want, and when a room closes for the night so that another can become active.</summary>
internal sealed class Parties : IDisposable
{
    private readonly Lock _lock = new();
    private readonly IReadOnlyList<string> _rooms;
    private readonly int[] _wanted;
    private readonly CancellationTokenSource[] _closing;

    public Parties(IReadOnlyList<string> rooms)
    {
        _rooms = rooms;
        _wanted = new int[rooms.Count];
        _closing = [.. rooms.Select(_ => new CancellationTokenSource())];
    }

    /// <summary>The less wanted of two random rooms; at first everybody gets a room in turn.</summary>
    public Wish Choose(int person, bool first, Random random)
    {
        lock (_lock)
        {
            var room = person % _rooms.Count;
            if (!first)
            {
                var (one, other) = (random.Next(_rooms.Count), random.Next(_rooms.Count));
                room = _wanted[one] <= _wanted[other] ? one : other;
            }
            _wanted[room]++;
            return new Wish(this, room, _rooms[room], _closing[room].Token);
        }
    }

    public void CloseOne(Random random)
    {
        CancellationTokenSource closing;
        lock (_lock)
        {
            var room = random.Next(_rooms.Count);
            closing = _closing[room];
            _closing[room] = new CancellationTokenSource();
        }
        closing.Cancel();
    }

    public void Dispose()
    {
        foreach (var closing in _closing)
            closing.Dispose();
    }

    private void Drop(int room)
    {
        lock (_lock)
            _wanted[room]--;
    }

    internal sealed class Wish(Parties parties, int number, string room, CancellationToken closing) : IDisposable
    {
        public string Room => room;

        public CancellationToken Closing => closing;

        public void Dispose() => parties.Drop(number);
    }
}
