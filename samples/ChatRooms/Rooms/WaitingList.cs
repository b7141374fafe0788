using System.Collections.Concurrent;

namespace ChatRooms;

/// <summary>Who waits, by name, for the page; the line itself is the admission queue's.</summary>
internal sealed class WaitingList
{
    private readonly ConcurrentDictionary<long, WaitingPerson> _people = new();
    private long _arrivals;

    public WaitingPerson Add(string nickname, string room)
    {
        var person = new WaitingPerson(Interlocked.Increment(ref _arrivals), nickname, room);
        _people[person.Arrival] = person;
        return person;
    }

    public void Remove(WaitingPerson person) => _people.TryRemove(person.Arrival, out _);

    /// <summary>The longest waiting first.</summary>
    public IReadOnlyList<WaitingPerson> Front(int count) => [.. _people.Values.OrderBy(person => person.Arrival).Take(count)];
}
