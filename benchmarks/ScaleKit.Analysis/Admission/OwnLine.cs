using System.Globalization;
using ScaleKit.Admission;
using ScaleKit.TestKit;

namespace ScaleKit.Analysis.Admission;

/// <summary>The library's queue, under a clock that goes where the traffic is.</summary>
internal sealed class OwnLine : ISeatLine, IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly AdmissionQueue _queue;
    private readonly SortedDictionary<int, AdmissionTicket> _waiting = [];
    private readonly Dictionary<int, AdmissionLease> _seated = [];

    public OwnLine(int seats, int roomSeats, int rooms, int visitors) => _queue = new AdmissionQueue(
        new AdmissionOptions
        {
            TotalCapacity = seats, RoomCapacity = roomSeats, ActiveRooms = rooms, QueueCapacity = visitors, RoomQueueCapacity = visitors,
            DefaultDeadline = Timeout.InfiniteTimeSpan,
        },
        _clock);

    public IReadOnlyList<int> Enter(int visitor, int room)
    {
        _waiting[visitor] = _queue.Enter(new AdmissionRequest(room.ToString(CultureInfo.InvariantCulture)));
        return Granted();
    }

    public IReadOnlyList<int> GiveUp(int visitor)
    {
        if (_waiting.Remove(visitor, out var ticket))
        {
            Wait(ticket.DisposeAsync());
        }

        return Granted();
    }

    public IReadOnlyList<int> Release(int visitor)
    {
        _seated.Remove(visitor, out var lease);
        Wait(lease!.DisposeAsync());
        return Granted();
    }

    public void Advance(TimeSpan by) => _clock.Advance(by);

    public void Dispose() => _queue.Dispose();

    private static void Wait(ValueTask task) => task.AsTask().GetAwaiter().GetResult();

    /// <summary>Those who sit by now, in order of arrival. The queue may tell them on another thread: its own count says how many there are.</summary>
    private List<int> Granted()
    {
        var granted = new List<int>();
        var expected = _queue.GetSnapshot(maximumRooms: 0).Seats - _seated.Count;
        while (granted.Count < expected)
        {
            foreach (var (visitor, ticket) in _waiting.Where(pair => pair.Value.Completion.IsCompleted).ToList())
            {
                granted.Add(visitor);
                _waiting.Remove(visitor);
                _seated[visitor] = ticket.Completion.GetAwaiter().GetResult().Lease!;
            }
        }

        return granted;
    }
}
