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

    /// <summary>Who sat where as the clients know it: from the word that one has a seat to the wish to leave, so never more than really sat.</summary>
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

    public Visit Begin(string room, string? node, long now)
    {
        var visit = new Visit(room, node, now);
        Visits.Enqueue(visit);
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

    /// <summary>A seat from when until when, on which node where that is known, and the numbers that somebody was shown there.</summary>
    internal sealed record Visit(string Room, string? Node, long From)
    {
        private long _until = long.MaxValue;

        /// <summary>The end of time while it lasts.</summary>
        public long Until
        {
            get => Volatile.Read(ref _until);
            set => Volatile.Write(ref _until, value);
        }

        public ConcurrentQueue<long> Numbers { get; } = new();

        /// <summary>The numbers of what that one said there and was acknowledged: it is shown that too, and before the acknowledgement.</summary>
        public ConcurrentQueue<long> Posted { get; } = new();
    }

    internal sealed record Acknowledged(string UserId, string Ref, string Text, long Sent, long Answered);
}
