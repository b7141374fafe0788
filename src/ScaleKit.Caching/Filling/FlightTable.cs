using System.Collections.Concurrent;

namespace ScaleKit.Caching;

/// <summary>The fills under way, one per <see cref="FlightKey"/>.</summary>
internal sealed class FlightTable(CacheVersions versions)
{
    private readonly ConcurrentDictionary<FlightKey, Flight> _flights = new();

    public int Count => _flights.Count;

    /// <summary>
    /// Joins the fill under way or registers a new one, which the caller must run. A fill that began before an invalidation of its key or tags is not joined:
    /// its value may be older than what the caller already knows to be removed.
    /// </summary>
    /// <param name="key">What is wanted.</param>
    /// <param name="tags">The tags of the call.</param>
    /// <param name="canJoin">Whether a fill under way will do.</param>
    /// <param name="canLeave">Whether the caller may give up waiting.</param>
    /// <param name="flight">The flight.</param>
    /// <returns>Whether the flight is new and the caller leads it.</returns>
    public bool JoinOrLead<T>(FlightKey key, string[] tags, bool canJoin, bool canLeave, out Flight<T> flight)
    {
        while (true)
        {
            // The token first: what is invalidated from here on is invalid for this flight.
            var token = versions.Current;
            if (!_flights.TryGetValue(key, out var present))
            {
                flight = new Flight<T>(tags, token, canLeave);
                if (_flights.TryAdd(key, flight))
                    return true;
            }
            else if (canJoin && IsCurrent(key.Key, present) && present.TryJoin())
            {
                flight = (Flight<T>)present;
                return false;
            }
            else
            {
                flight = new Flight<T>(tags, token, canLeave);
                if (_flights.TryUpdate(key, flight, present))
                    return true;
            }
        }
    }

    public void Remove(FlightKey key, Flight flight) => _flights.TryRemove(new KeyValuePair<FlightKey, Flight>(key, flight));

    /// <summary>
    /// Whether a joined flight's result will do for a caller who came after it began. Tags that the table did not know of, because the factory chose them or they
    /// were read with the value, may have been removed before the caller came.
    /// </summary>
    public bool Covers<T>(string key, Flight<T> flight, Filled<T> filled)
    {
        var tags = filled.Entry?.Tags ?? filled.Tags;
        return ReferenceEquals(tags, flight.Tags)
            || (flight.Token.Generation == versions.Current.Generation
                && versions.IsValid(key, tags, filled.Entry?.Version ?? flight.Token.Position.Sequence));
    }

    private bool IsCurrent(string key, Flight flight) =>
        flight.Token.Generation == versions.Current.Generation && versions.IsValid(key, flight.Tags, flight.Token.Position.Sequence);
}
