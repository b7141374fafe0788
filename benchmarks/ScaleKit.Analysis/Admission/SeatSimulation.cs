namespace ScaleKit.Analysis.Admission;

/// <summary>Sends a crowd through a line, event by event, and keeps what came of each room.</summary>
internal sealed class SeatSimulation
{
    private readonly ISeatLine _line;
    private readonly Crowd _crowd;
    private readonly PriorityQueue<(int Visitor, bool IsLeaving), double> _events = new();
    private readonly double[] _seatedAt;
    private readonly int[] _inRoom;
    private readonly int[] _lastServed;
    private double _now;
    private double _seatSeconds;
    private int _seated;

    public SeatSimulation(ISeatLine line, Crowd crowd, int rooms)
    {
        (_line, _crowd) = (line, crowd);
        _seatedAt = new double[crowd.Room.Length];
        Array.Fill(_seatedAt, double.NaN);
        (_inRoom, _lastServed, Served, Came) = (new int[rooms], new int[rooms], new int[rooms], new int[rooms]);
        Waits = [.. Enumerable.Range(0, rooms).Select(_ => new Sample())];
    }

    /// <summary>Seconds between arrival and seat or giving up, by room.</summary>
    public Sample[] Waits { get; }

    public int[] Served { get; }

    public int[] Came { get; }

    /// <summary>The most who sat in one room at once.</summary>
    public int MostInRoom { get; private set; }

    /// <summary>The most who sat at once.</summary>
    public int Most { get; private set; }

    /// <summary>Visitors who got their seat before one of the same room who had come earlier and still waited.</summary>
    public int Overtakings { get; private set; }

    /// <summary>Seats in use on average while people came.</summary>
    public double MeanSeats => _seatSeconds / _crowd.ArriveAt[^1];

    public void Run(Action<int> progress)
    {
        for (var visitor = 0; visitor < _crowd.Room.Length; visitor++)
        {
            while (_events.TryPeek(out _, out var due) && due <= _crowd.ArriveAt[visitor])
            {
                Step();
            }

            MoveTo(_crowd.ArriveAt[visitor]);
            Came[_crowd.Room[visitor]]++;
            _events.Enqueue((visitor, IsLeaving: false), _now + _crowd.Patience);
            Seat(_line.Enter(visitor, _crowd.Room[visitor]));
            progress(1);
        }
    }

    private void Step()
    {
        _events.TryDequeue(out var next, out var due);
        MoveTo(due);
        if (next.IsLeaving)
        {
            _seated--;
            _inRoom[_crowd.Room[next.Visitor]]--;
            Seat(_line.Release(next.Visitor));
        }
        else if (double.IsNaN(_seatedAt[next.Visitor]))
        {
            Waits[_crowd.Room[next.Visitor]].Add(_crowd.Patience);
            Seat(_line.GiveUp(next.Visitor));
        }
    }

    private void MoveTo(double time)
    {
        _seatSeconds += _seated * (time - _now);
        _line.Advance(TimeSpan.FromSeconds(time) - TimeSpan.FromSeconds(_now));
        _now = time;
    }

    private void Seat(IReadOnlyList<int> granted)
    {
        foreach (var visitor in granted)
        {
            var room = _crowd.Room[visitor];
            _seatedAt[visitor] = _now;
            Waits[room].Add(_now - _crowd.ArriveAt[visitor]);
            Served[room]++;
            Overtakings += visitor < _lastServed[room] ? 1 : 0;
            _lastServed[room] = Math.Max(_lastServed[room], visitor);
            MostInRoom = Math.Max(MostInRoom, ++_inRoom[room]);
            Most = Math.Max(Most, ++_seated);
            _events.Enqueue((visitor, IsLeaving: true), _now + _crowd.Stay[visitor]);
        }
    }
}
