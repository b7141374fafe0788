using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace ChatRooms;

/// <summary>
/// What the clients saw, written down apart from the library: accepted requests with their times, acknowledged messages,
/// people in line, refusals. The verdict is made from these notes.
/// </summary>
internal sealed class RunChecker
{
    private readonly ConcurrentDictionary<(string Policy, string Key), ConcurrentQueue<Accepted>> _accepted = new();
    private int _users;
    private long _queued;
    private long _limited;

    public ConcurrentDictionary<string, Acknowledged> Messages { get; } = new(StringComparer.Ordinal);

    /// <summary>Who sits where as the clients know it: from the word that one has a seat to the wish to leave, so never more than really sit.</summary>
    public SeatLedger Seats { get; } = new();

    public ConcurrentQueue<Visit> Visits { get; } = new();

    public ConcurrentQueue<string> Broken { get; } = new();

    public IEnumerable<KeyValuePair<(string Policy, string Key), ConcurrentQueue<Accepted>>> Limits => _accepted;

    public int Users => Volatile.Read(ref _users);

    public long Queued => Volatile.Read(ref _queued);

    public long Limited => Volatile.Read(ref _limited);

    public void NewUser() => Interlocked.Increment(ref _users);

    public void StoodInLine() => Interlocked.Increment(ref _queued);

    public void WasLimited() => Interlocked.Increment(ref _limited);

    public void WasAccepted(string policy, string key, long sent, long answered) =>
        _accepted.GetOrAdd((policy, key), static _ => new()).Enqueue(new Accepted(sent, answered));

    public Visit Begin(string room)
    {
        var visit = new Visit(room);
        Visits.Enqueue(visit);
        Seats.Enter(room);
        return visit;
    }

    public void WasAcknowledged(string id, Acknowledged message)
    {
        if (!Messages.TryAdd(id, message))
            Broken.Enqueue($"two messages were acknowledged with the id {id}");
    }

    /// <summary>When a request was sent and when its answer came: the limiter decided somewhere between.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Accepted(long Sent, long Answered);

    /// <summary>The numbers that somebody was shown while in a room.</summary>
    internal sealed record Visit(string Room)
    {
        public ConcurrentQueue<long> Numbers { get; } = new();
    }

    internal sealed record Acknowledged(string UserId, string Ref, string Text);
}
